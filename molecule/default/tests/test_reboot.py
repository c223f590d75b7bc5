"""The Jitsi machine is restarted: whom it turns to while it comes up, and whether the site works afterwards."""

from __future__ import annotations

import re

import pytest
from capture import TSHARK, Capture
from lab_runs import lab
from machines import eventually
from outsiders import needs_tshark, strangers
from site_runs import changed, site

LOG = "/var/log/jitsi/jvb.log"


@pytest.fixture(scope="module")
def rebooted(jitsi, tmp_path_factory):
    """A restart, captured from before the first program runs until the bridge is in the brewery again."""
    file = tmp_path_factory.mktemp("reboot") / "packets.pcapng"
    seen = int(jitsi.check_output(f"stat --format %s {LOG}"))
    lab("reboot-guest", "jitsi", *([file] if TSHARK else []))
    try:
        joined = eventually(
            lambda: re.search("Joined MUC: jvbbrewery@", jitsi.run(f"tail --bytes=+{seen + 1} {LOG}").stdout, re.I), 120
        )
    finally:
        lab("end-capture", "jitsi")
    assert joined, jitsi.check_output(f"tail --lines=30 {LOG}")
    return file


@needs_tshark
def test_nobody_outside_is_contacted_while_it_comes_up(rebooted, jitsi):
    packets = Capture(rebooted, "jitsi")
    assert packets.xmpp(), "the capture did not see the bridge log in, so it shows nothing"
    found = strangers(packets, jitsi)
    assert found == [], found


@pytest.mark.usefixtures("rebooted")
def test_site_works_afterwards():
    code, said = site(playbook="selfhosted.jitsi.check")
    assert code == 0, said


@pytest.mark.usefixtures("rebooted")
def test_site_needs_no_run_afterwards():
    code, said = site("--limit=jitsi-lab-jitsi")
    assert code == 0, said
    assert not changed(said), said
