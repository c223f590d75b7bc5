"""The tests that one release of Debian has alone; those of the Debian upgrade come behind all others."""

from __future__ import annotations

import os

LAST = "test_debian_upgrade.py"
#: On Debian 12 the collection is as it is built for a release, and there is a Debian to upgrade to.
ON_DEBIAN_12 = ["test_runner.py", LAST]

collect_ignore = [] if (os.environ.get("JITSI_LAB_SUITE") or "bookworm") == "bookworm" else ON_DEBIAN_12


def pytest_collection_modifyitems(items):
    """What every scenario shows of a site, it shows of machines of one release."""
    items.sort(key=lambda item: item.path.name == LAST)
