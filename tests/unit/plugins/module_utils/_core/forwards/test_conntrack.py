# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.conntrack import Concern, Flow, changed


def flow(port=10000, to="192.168.122.120", to_port=None, source="198.51.100.20", public="198.51.100.10"):
    answers = (IPv4Address(to), port if to_port is None else to_port)
    return Flow(IPv4Address(source), 40000, IPv4Address(public), port, *answers)


#: What a guest sends from the port of a forward, after the flow of the question is gone.
LATE = Flow(
    IPv4Address("192.168.122.120"), 10000, IPv4Address("198.51.100.20"), 40000, IPv4Address("198.51.100.20"), 40000
)


def rule(to="192.168.122.120", port="10000", source="", protocol="udp", comment=""):
    return (
        f"-A PF-j-DNAT {source}-d 198.51.100.10/32 -p {protocol} -m {protocol} --dport {port}{comment}"
        f" -j DNAT --to-destination {to}"
    )


@pytest.mark.parametrize(
    ("before", "after", "entry", "expected"),
    [
        pytest.param([rule()], [rule("192.168.122.121")], flow(), True, id="the target changed"),
        pytest.param([rule()], [rule("192.168.122.121")], flow(to="192.168.122.121"), False, id="it is there already"),
        pytest.param([], [rule()], flow(to="198.51.100.10"), True, id="it was sent before there was a forward"),
        pytest.param([rule()], [], flow(), True, id="the forward is gone"),
        pytest.param([rule()], [rule(), rule(port="10001")], flow(), False, id="another forward is new"),
        pytest.param([rule()], [rule("192.168.122.121")], flow(port=10001), False, id="another port"),
        pytest.param([rule()], [rule("192.168.122.121")], flow(public="198.51.100.11"), False, id="another address"),
        pytest.param([rule()], [rule(comment=" -m comment --comment x")], flow(), False, id="the comment changed"),
        pytest.param([rule()], [rule(source="-s 10.0.0.0/8 ")], flow(), True, id="the client may not connect any more"),
        pytest.param([rule()], [rule(source="-s 198.51.100.0/24 ")], flow(), False, id="the client may still connect"),
        pytest.param([rule(port="80:90")], [rule(port="80:95")], flow(port=85), False, id="a range grew"),
        pytest.param(
            [], [rule("192.168.122.120:8080-8090/80", "80:90")], flow(port=85, to_port=8085), False, id="a range's port"
        ),
        pytest.param(
            [], [rule("192.168.122.120:8080-8090/80", "80:90")], flow(port=85), True, id="a range's other port"
        ),
        pytest.param([rule()], [rule("192.168.122.121")], LATE, True, id="a late answer of the earlier guest"),
        pytest.param([rule()], [rule()], LATE, False, id="nothing changed for the guest that sends"),
        pytest.param([rule()], [rule(port="10001:10001")], LATE, True, id="the guest has another port now"),
        pytest.param(
            [rule()], [rule("192.168.122.120:10000", port="9000")], LATE, False, id="another port leads there now"
        ),
        pytest.param([], [rule("192.168.122.120:443")], flow(to_port=443), False, id="another port of the guest"),
    ],
)
def test_flows_that_would_stay_where_they_are(before, after, entry, expected):
    assert Concern(changed(before, after), after).has(entry) is expected


def test_tcp_is_left_alone():
    assert not changed([rule(protocol="tcp")], [])


def test_comments_alone_do_not_concern_flows():
    assert not changed([rule()], [rule(comment=' -m comment --comment "a -j DNAT --to-destination 10.0.0.1"')])


def test_what_changed_twice_is_judged_by_what_is_in_force_in_the_end():
    concerned = [*changed([rule()], [rule("192.168.122.121")]), *changed([rule("192.168.122.121")], [rule()])]
    concern = Concern(concerned, [rule()])
    assert concern.has(flow(to="192.168.122.121"))
    assert not concern.has(flow())
