"""The check passes on a site that works, and names what is broken with its remedy."""

from __future__ import annotations

import pytest
from check_runs import check, in_words
from site_runs import changed


def test_check_passes_and_changes_nothing(check_of_the_site):
    code, said = in_words(check_of_the_site)
    assert code == 0, said
    assert "udp/10000: reaches the bridge" in said
    assert "jicofo answers" in said
    assert not changed(said)


@pytest.mark.either_release
def test_check_names_what_is_broken(nat_host, jitsi, proxy):
    """A bridge and a jicofo that are down, a forward that is gone, and a backend that shows another certificate."""
    rules = nat_host.check_output("iptables-save -t nat")
    udp = next(rule for rule in rules.splitlines() if rule.startswith("-A PF-jitsi-DNAT") and "--dport 10000" in rule)
    pin = "/etc/apache2/backends/jitsi.test.pem"
    jitsi.run_expect([0], "systemctl stop jitsi-videobridge2 jicofo")
    nat_host.run_expect([0], f"iptables-save -t nat > /root/nat && iptables -t nat {udp.replace('-A', '-D', 1)}")
    proxy.run_expect([0], f"cp -a {pin} /root/pin.pem && cp /etc/ssl/selfhosted/jitsi.test.crt {pin}")
    try:
        code, said = check()
    finally:
        # At its place, too: another order is a difference.
        nat_host.run_expect([0], "iptables-restore --table=nat /root/nat")
        jitsi.run_expect([0], "systemctl start jitsi-videobridge2 jicofo")
        # Files that are newer than Apache would be a change to the next run.
        proxy.run_expect([0], f"mv /root/pin.pem {pin} && systemctl reload apache2")
    assert code != 0
    blamed = said[said.index("checks failed:") :]
    for row in (
        "udp/10000: reaches the bridge: expected",
        "jitsi-videobridge2 runs: expected active, found inactive",
        "jicofo runs: expected active, found inactive",
        "jitsi.test: the backend 192.168.122.120:443 proves its identity: expected a certificate",
        "to pin the new certificate",
    ):
        assert row in blamed, blamed
    # People read the cause, with what follows from it.
    found = said[said.index(" findings in ") :]
    assert "jitsi-lab-host has the forwards of the inventory where: jitsi-lab-host" in found, found
    assert "--dport 10000" in found
    because = "Because of this: udp/10000: reaches the bridge; jitsi-lab-host sends udp/10000 to 192.168.122.120 guide:"
    assert because in found
    # What works is not blamed: Apache itself has not read the other pin.
    assert "http is sent to https" not in blamed
    assert "XMPP over WebSocket" not in blamed


def test_check_refuses_a_limit_that_would_show_nothing():
    code, said = check("--limit", "jitsi")
    assert code != 0
    assert "Add localhost to --limit" in said
