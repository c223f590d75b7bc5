"""What people run into most: each fault is put in, the check names it with its remedy, and the next run mends it.

Faults that hide one another are put in one after the other, the rest all at once, as on a machine that had a bad day.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from site_runs import changed, site

JVB = "/etc/jitsi/videobridge/jvb.conf"
CONFIG_JS = "/etc/jitsi/meet/jitsi.test-config.js"
VHOST = "/etc/apache2/sites-available/jitsi.test.conf"
KEYRING = "/etc/apt/keyrings/jitsi.asc"
RELAY = "meet-jit-si-turnrelay.jitsi.net"


@dataclass(frozen=True)
class Fault:
    """One fault: where, the command that puts it in, and what the check must say of it."""

    problem: str
    role: str
    command: str
    said: tuple[str, ...]


FAULTS = (
    Fault(
        "a third participant has no picture: the bridge advertises only its private address",
        "jitsi",
        f"hocon -f {JVB} unset ice4j.harvest.mapping.static-mappings",
        ("the bridge maps its address: expected 192.168.122.120 -> 198.51.100.10", "jitsi_meet_public_addresses"),
    ),
    Fault(
        "the bridge calls itself unhealthy: its address discovery failed",
        "jitsi",
        f"hocon -f {JVB} set ice4j.harvest.mapping.stun.addresses '[\"{RELAY}:443\"]'",
        ("the bridge calls itself healthy: expected 200", f"the bridge asks {RELAY}"),
    ),
    Fault(
        "clients ask a third party for their address",
        "jitsi",
        f"echo \"config.p2p.stunServers = [{{ urls: 'stun:{RELAY}:443' }}];\" >> {CONFIG_JS}",
        (f"clients contact {RELAY}",),
    ),
    Fault(
        "apt complains of signatures: the key is not the repository's",
        "jitsi",
        f"echo 'what a proxy said instead of the key' > {KEYRING}",
        (),
    ),
    Fault(
        "disconnected right after joining: the proxy passes no WebSocket on",
        "proxy",
        f"sed -i 's/ upgrade=websocket//' {VHOST}",
        ("jitsi.test: XMPP over WebSocket", "upgrade=websocket"),
    ),
    Fault(
        "unknown host: the proxy does not keep the Host header",
        "proxy",
        f"sed -i -e 's/PreserveHost On/PreserveHost Off/' -e 's/CheckPeerName on/CheckPeerName off/' {VHOST}",
        ("jitsi.test: XMPP over BOSH", "ProxyPreserveHost On"),
    ),
    Fault(
        "the media port leads to the proxy instead of the bridge",
        "nat_host",
        "rule=$(iptables-save -t nat | grep -e '-A PF-jitsi-DNAT.*-p udp.*--dport 10000') && "
        "iptables -t nat ${rule%%--to-destination*} --to-destination 192.168.122.100 && "
        "iptables -t nat -D ${rule#-A }",
        ("udp/10000: reaches the bridge", "nat_host_forwards"),
    ),
)


@pytest.fixture(scope="module")
def verdict(request):
    """What the check says of a site that has all the faults."""
    places = {role: request.getfixturevalue(role) for role in ("jitsi", "proxy", "nat_host")}
    for fault in FAULTS:
        places[fault.role].run_expect([0], fault.command)
    places["jitsi"].run_expect([0], "systemctl restart jitsi-videobridge2")
    places["proxy"].run_expect([0], "systemctl reload apache2")
    code, said = site(playbook="selfhosted.jitsi.check")
    assert code != 0
    assert not changed(said)
    return said[said.index("checks failed:") :]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.problem for fault in FAULTS])
def test_check_names_it_with_a_remedy(verdict, fault):
    for words in fault.said:
        assert words in verdict, verdict


def test_one_run_mends_all(jitsi):
    code, said = site()
    assert code == 0, said
    code, said = site(playbook="selfhosted.jitsi.check")
    assert code == 0, said
    assert jitsi.run("apt-get --quiet=2 update -o APT::Update::Error-Mode=any").rc == 0
