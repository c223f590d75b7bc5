"""Whom the Jitsi machine turned to outside in its first run with packages of 2020, by every packet of it."""

from __future__ import annotations

from outsiders import needs_tshark, require_first_run_among_archives


@needs_tshark
def test_first_run_contacts_the_package_archives_and_nobody_else(jitsi):
    require_first_run_among_archives("jitsi", jitsi)
