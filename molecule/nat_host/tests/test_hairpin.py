"""The public address from inside, and whose address a guest sees."""

from __future__ import annotations

import pytest
from packets import GATEWAY, GOOD, answer, answers, forwarded

PORTS = ("tcp 4443", "tcp 8443", "udp 10000")
BRIDGE_FILTER = "/proc/sys/net/bridge/bridge-nf-call-iptables"


def test_guests_see_the_clients_own_address(client):
    assert forwarded(client) == GOOD


@pytest.fixture(params=["routed", "bridged"])
def bridge_filter(request, nat_host):
    """Whether the host filters what its bridge passes on, as it does where docker loaded br_netfilter."""
    if nat_host.run(f"test -e {BRIDGE_FILTER}").rc:
        if request.param == "bridged":
            pytest.skip("this kernel has no br_netfilter")
        yield request.param
        return
    before = nat_host.check_output(f"cat {BRIDGE_FILTER}")
    nat_host.run_expect([0], f"echo {int(request.param == 'bridged')} > {BRIDGE_FILTER}")
    yield request.param
    nat_host.run_expect([0], f"echo {before} > {BRIDGE_FILTER}")


def test_guest_reaches_another_guest_by_the_public_address(jitsi, bridge_filter):
    assert answer(jitsi, "tcp 8443") == f"other saw {GATEWAY}", bridge_filter


def test_guest_reaches_itself_by_the_public_address(jitsi, nat_host, bridge_filter):
    """A bridge that filters sends nothing back through the port it came from, unless that port is told to."""
    if bridge_filter == "bridged":
        assert answer(jitsi, seconds=2) == "timeout"
        nat_host.run_expect([0], "bridge link set dev vnet-jitsi hairpin on")
    try:
        assert answers(jitsi, "tcp 4443", "udp 10000") == [f"jitsi saw {GATEWAY}"] * 2
    finally:
        nat_host.run_expect([0], "bridge link set dev vnet-jitsi hairpin off")


@pytest.mark.parametrize("bridge_filter", ["routed"], indirect=True)
@pytest.mark.usefixtures("bridge_filter")
def test_without_masquerading_the_guest_waits_in_vain(jitsi, nat_host):
    """The answer of the other guest would come from an address that nobody asked. A bridge that filters mends that."""
    rule = "PF-jitsi-SNAT -s 192.168.122.0/24 -d 192.168.122.0/24 -m conntrack --ctstate DNAT -j MASQUERADE"
    nat_host.run_expect([0], f"iptables -w -t nat -D {rule}")
    try:
        assert answer(jitsi, "tcp 8443", seconds=2) == "timeout"
    finally:
        nat_host.run_expect([0], f"iptables -w -t nat -I {rule}")


def test_host_reaches_the_guests_by_its_own_public_address(nat_host):
    heard = answers(nat_host, *PORTS)
    assert [line.split(" saw ")[0] for line in heard] == ["jitsi", "other", "jitsi"]
