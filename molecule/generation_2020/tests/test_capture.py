"""Whom the Jitsi machine turned to outside in its first run with packages of 2020, by every packet of it."""

from __future__ import annotations

from outsiders import first_run, needs_tshark, strangers


@needs_tshark
def test_first_run_contacts_the_package_archives_and_nobody_else(jitsi):
    packets = first_run("jitsi")
    assert packets.sent_outside(), "the capture saw no packages come, so it shows nothing"
    assert strangers(packets, jitsi) == []
