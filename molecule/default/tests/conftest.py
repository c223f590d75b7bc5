"""The tests of an upgraded Debian come behind all others, and only where there is a Debian to upgrade to."""

from __future__ import annotations

import os

LAST = "test_debian_upgrade.py"

collect_ignore = [] if (os.environ.get("JITSI_LAB_SUITE") or "bookworm") == "bookworm" else [LAST]


def pytest_collection_modifyitems(items):
    """What every scenario shows of a site, it shows of machines of one release."""
    items.sort(key=lambda item: item.path.name == LAST)
