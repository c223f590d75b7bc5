"""The tests that one release of Debian has alone; those of the Debian upgrade come behind all others."""

from __future__ import annotations

import os

LAST = "test_debian_upgrade.py"
#: On Debian 12 the collection is as it is built for a release, and there is a Debian to upgrade to.
ON_DEBIAN_12 = ("test_runner.py", LAST)


def pytest_collection_modifyitems(config, items):
    """What every scenario shows of a site, it shows of machines of one release."""
    # Molecule names every file, so that collect_ignore does nothing.
    if (os.environ.get("JITSI_LAB_SUITE") or "bookworm") != "bookworm":
        elsewhere = [item for item in items if item.path.name in ON_DEBIAN_12]
        items[:] = [item for item in items if item not in elsewhere]
        config.hook.pytest_deselected(items=elsewhere)
    items.sort(key=lambda item: item.path.name == LAST)
