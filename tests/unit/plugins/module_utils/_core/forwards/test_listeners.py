# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.listeners import parse, taken
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import parse_request

#: What ss of Debian 12 printed; the socket of WireGuard has no program.
SAID = """\
udp   UNCONN 0      0         127.0.0.53%lo:53        0.0.0.0:*
udp   UNCONN 0      0               0.0.0.0:45123     0.0.0.0:*    users:(("dnsmasq",pid=7,fd=4))
udp   UNCONN 0      0               0.0.0.0:51820     0.0.0.0:*
udp   UNCONN 0      0        0.0.0.0%virbr0:67        0.0.0.0:*    users:(("dnsmasq",pid=7,fd=3))
udp   UNCONN 0      0          0.0.0.0%eth0:68        0.0.0.0:*    users:(("dhclient",pid=9,fd=3))
udp   UNCONN 0      0         198.51.100.10:500       0.0.0.0:*
tcp   LISTEN 0      128             0.0.0.0:22        0.0.0.0:*
tcp   LISTEN 0      511                   *:80              *:*
tcp   LISTEN 0      128                [::]:22           [::]:*
tcp   LISTEN 0      1    [::ffff:198.51.100.10]:8080          *:*
tcp   LISTEN 0      5       192.168.122.1:53        0.0.0.0:*
tcp   LISTEN 0      64              0.0.0.0:41001     0.0.0.0:*
"""


def lost(protocol, port, spared=()):
    right = {"public_address": "198.51.100.10", "network": "192.168.122.0/24", "name": "j", "allow_ssh": True}
    request = parse_request({**right, "forwards": [{"protocol": protocol, "port": port, "to": "192.168.122.9"}]})
    found = taken(request, request.forwards[0], parse(SAID, "32768\t60999\n"), spared)
    return [(one.protocol, one.port, *(["may ask"] if one.may_ask else [])) for one in found]


@pytest.mark.parametrize(
    ("protocol", "port", "expected"),
    [
        ("tcp", "80", [("tcp", 80)]),
        ("tcp", "22", [("tcp", 22)]),
        ("tcp", "1-8080", [("tcp", 22), ("tcp", 80), ("tcp", 8080)]),
        ("tcp", "40000-42000", [("tcp", 41001)]),
        ("udp", "500", [("udp", 500)]),
        ("udp", "80", []),
        ("udp", "45000-46000", [("udp", 45123, "may ask")]),
        ("udp", "45000-65535", [("udp", 45123, "may ask"), ("udp", 51820)]),
        # It waits on another address, or on a link inside the host.
        ("udp", "53", []),
        ("udp", "67-68", [("udp", 68)]),
        ("tcp", "53", []),
    ],
)
def test_what_a_forward_takes_from_the_host(protocol, port, expected):
    assert lost(protocol, port) == expected


def test_a_spared_port_is_left_out():
    assert lost("tcp", "22", spared=[22]) == []


def test_nothing_is_read_of_nothing():
    assert parse("", "") == ()
