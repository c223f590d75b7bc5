"""Whom both machines with a bridge turned to outside in their first run, by every packet of it."""

from __future__ import annotations

import pytest
from machines import machine
from outsiders import first_run, needs_tshark, strangers


@needs_tshark
@pytest.mark.parametrize("role", ["jitsi", "bridge"])
def test_first_run_contacts_the_package_archives_and_nobody_else(role):
    packets = first_run(role)
    assert packets.sent_outside(), "the capture saw no packages come, so it shows nothing"
    assert strangers(packets, machine(role)) == []
