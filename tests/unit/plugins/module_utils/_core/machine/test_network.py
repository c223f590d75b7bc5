# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ip and the kernel say of a machine's way out."""

from __future__ import annotations

import json
import sys

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.machine.network import (
    Gateway,
    missing,
    parse_gateway,
    parse_name_servers,
    parse_route_table,
    parse_wanted,
    with_neighbour,
)

ROUTE = '[{"dst":"default","gateway":"192.0.2.1","dev":"eth0","flags":[]}]'
NEIGHBOURS = """\
[{"dst":"10.88.0.203","dev":"podman0","lladdr":"de:65:bf:29:2b:0f","state":["STALE"]},\
{"dst":"192.0.2.9","dev":"eth0","state":["FAILED"]},\
{"dst":"192.0.2.1","dev":"eth0","lladdr":"02:fc:00:00:00:05","state":["REACHABLE"]}]
"""
TABLE = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
"""
POINT_TO_POINT = "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n"
ADDRESSES = """\
[{"ifindex":1,"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host"}]},\
{},{"ifindex":4,"ifname":"eth0","addr_info":[{"family":"inet","local":"192.0.2.2","prefixlen":24}]}]
"""


@pytest.mark.parametrize(
    ("text", "gateway"),
    [
        (ROUTE, Gateway("192.0.2.1", "eth0")),
        ("[ ]\n", Gateway()),
        ("[{}]", Gateway()),
        ("", Gateway()),
        ("no JSON", Gateway()),
        ('[{"dst":"default","dev":"ppp0","scope":"link","flags":[]}]', Gateway("", "ppp0")),
        (
            '[{"dst":"default","gateway":"192.0.2.1","dev":"a","metric":600},'
            '{"dst":"default","gateway":"192.0.2.5","dev":"b","metric":100}]',
            Gateway("192.0.2.5", "b"),
        ),
        (
            '[{"dst":"default","flags":[],"nexthops":[{"gateway":"192.0.2.1","dev":"a","weight":1,"flags":[]}]}]',
            Gateway("192.0.2.1", "a"),
        ),
        (
            '[{"dst":"default","via":{"family":"inet6","host":"fe80::1"},"dev":"a","flags":[]}]',
            Gateway("fe80::1", "a"),
        ),
    ],
)
def test_default_route_of_ip(text, gateway):
    assert parse_gateway(text) == gateway


@pytest.mark.skipif(sys.byteorder != "little", reason="the table was recorded on a little-endian machine")
@pytest.mark.parametrize(
    ("text", "gateway"),
    [
        (TABLE, Gateway("192.0.2.1", "eth0")),
        (TABLE + POINT_TO_POINT, Gateway("", "ppp0")),
        (TABLE.replace("0003", "0002"), Gateway()),
        ("", Gateway()),
    ],
)
def test_default_route_of_the_kernel(text, gateway):
    assert parse_route_table(text) == gateway


@pytest.mark.parametrize(
    ("address", "device", "state", "answers"),
    [
        ("192.0.2.1", "eth0", "REACHABLE", True),
        ("192.0.2.9", "eth0", "FAILED", False),
        ("192.0.2.1", "eth1", "", None),
        ("192.0.2.8", "eth0", "", None),
        ("10.88.0.203", "podman0", "STALE", True),
    ],
)
def test_neighbour_says_whether_the_gateway_answers(address, device, state, answers):
    found = with_neighbour(Gateway(address, device), NEIGHBOURS)
    assert found == Gateway(address, device, state, answers)


def test_name_servers_are_read():
    text = (
        "# nameserver 192.0.2.9\nsearch example.org\nnameserver 192.0.2.53\nnameserver\nnameserver 2001:db8::53 # two\n"
    )
    assert parse_name_servers(text) == ["192.0.2.53", "2001:db8::53"]


def test_addresses_that_no_device_has_are_named():
    assert missing(["192.0.2.2", "192.0.2.3"], ADDRESSES) == ["192.0.2.3"]
    assert missing(["192.0.2.2"], json.dumps([])) == ["192.0.2.2"]


def test_what_is_no_address_is_refused():
    assert parse_wanted(["192.0.2.2"]) == ("192.0.2.2",)
    with pytest.raises(CoreError, match=r"addresses\[1\]: 'host' is not an IPv4 address; write it as in"):
        parse_wanted(["192.0.2.2", "host"])
