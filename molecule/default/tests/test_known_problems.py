"""What people run into most: each fault is put in, the check names it with its remedy, and the next run mends it.

All at once, as on a machine that had a bad day, but for one that hides another.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from check_runs import check
from site_runs import changed, site

pytestmark = pytest.mark.either_release

JVB = "/etc/jitsi/videobridge/jvb.conf"
CONFIG_JS = "/etc/jitsi/meet/jitsi.test-config.js"
VHOST = "/etc/apache2/sites-available/jitsi.test.conf"
KEYRING = "/etc/apt/keyrings/jitsi.asc"
RELAY = "meet-jit-si-turnrelay.jitsi.net"
GOOGLE = "stun.l.google.com"


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
        (
            "the bridge maps its address: expected 192.168.122.120 -> 198.51.100.10",
            "jitsi_meet_public_addresses",
            "the bridge calls itself healthy: expected 200",
        ),
    ),
    Fault(
        "the bridge asks a third party for its address, which by itself makes it no less healthy",
        "jitsi",
        f"hocon -f {JVB} set ice4j.harvest.mapping.stun.addresses '[\"{RELAY}:443\"]'",
        (f"{RELAY}: ice4j.harvest.mapping.stun.addresses in {JVB}",),
    ),
    Fault(
        "clients ask a third party for their address",
        "jitsi",
        f"echo \"config.p2p.stunServers = [{{ urls: 'stun:{GOOGLE}:19302' }}];\" >> {CONFIG_JS}",
        (f"{GOOGLE}: config.p2p.stunServers.urls in {CONFIG_JS}", "jitsi_meet_privacy"),
    ),
    Fault(
        "disconnected right after joining: the proxy passes no WebSocket on",
        "proxy",
        f"sed -i 's/ upgrade=websocket//' {VHOST}",
        ("jitsi.test: XMPP over WebSocket", "upgrade=websocket"),
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


#: By itself, for it hides what is wrong with WebSocket.
HOST = "sed -i -e 's/PreserveHost On/PreserveHost Off/' -e 's/CheckPeerName on/CheckPeerName off/'"


def blamed():
    """What the check says is wrong."""
    code, said = check()
    assert code != 0
    assert not changed(said)
    return said[said.index("checks failed:") :]


@pytest.fixture(scope="module")
def verdict(request):
    """What the check says of a site that has all the faults."""
    places = {role: request.getfixturevalue(role) for role in ("jitsi", "proxy", "nat_host")}
    for fault in FAULTS:
        places[fault.role].run_expect([0], fault.command)
    places["jitsi"].run_expect([0], "systemctl restart jitsi-videobridge2")
    places["proxy"].run_expect([0], "systemctl reload apache2")
    return blamed()


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.problem for fault in FAULTS])
def test_check_names_it_with_a_remedy(verdict, fault):
    for words in fault.said:
        assert words in verdict, verdict


@pytest.mark.usefixtures("verdict")
def test_check_names_a_proxy_that_does_not_keep_the_name(proxy):
    """Prosody knows no host of the name that the proxy then asks for."""
    proxy.run_expect([0], f"{HOST} {VHOST} && systemctl reload apache2")
    found = blamed()
    for words in ("jitsi.test: XMPP over BOSH: expected login as a guest", "found stream: 404", "ProxyPreserveHost On"):
        assert words in found, found


def test_one_run_mends_all(jitsi):
    """And one more, which no site suffers from until the next upgrade: apt does not trust the repository."""
    update = "apt-get --quiet=2 update -o APT::Update::Error-Mode=any"
    jitsi.run_expect([0], f"echo 'what a proxy said instead of the key' > {KEYRING}")
    assert jitsi.run(update).rc != 0
    code, said = site()
    assert code == 0, said
    code, said = check()
    assert code == 0, said
    assert jitsi.run(update).rc == 0
