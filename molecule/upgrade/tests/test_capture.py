"""Whom the Jitsi machine turned to outside in its first run and in the upgrade, by every packet of both."""

from __future__ import annotations

from outsiders import needs_tshark, require_first_run_among_archives


@needs_tshark
def test_first_run_and_upgrade_contact_the_package_archives_and_nobody_else(jitsi):
    require_first_run_among_archives("jitsi", jitsi)
