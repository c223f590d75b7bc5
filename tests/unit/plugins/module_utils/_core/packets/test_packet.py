# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packets that a user asks about."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packets.packet import PacketError


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": "meet.example.org"}, "packets[0].source: 'meet.example.org' is not an IPv4 address"),
        ({"destination": "2001:db8::1"}, "packets[0].destination: '2001:db8::1' is not an IPv4 address"),
        ({"port": 0}, "packets[0].port: 0 is not a port"),
        ({"port": 65536}, "packets[0].port: 65536 is not a port"),
        ({"source_port": -1}, "packets[0].source_port: -1 is not a port"),
    ],
)
def test_packet_that_cannot_be_is_refused(rules, changes, message):
    with pytest.raises(PacketError) as error:
        rules.packet(**changes)
    assert str(error.value).startswith(message + "; use ")


@pytest.mark.parametrize(
    ("hook", "links"),
    [
        ("prerouting", (None, "")),
        ("dnat", (None, "")),
        ("input", (None, "")),
        ("forward", (None, None)),
        ("output", ("", None)),
        ("snat", ("", None)),
    ],
)
def test_interface_is_none_or_not_known(rules, hook, links):
    packet = rules.packet(hook=hook, in_interface="", out_interface="")
    assert (packet.in_interface, packet.out_interface) == links
