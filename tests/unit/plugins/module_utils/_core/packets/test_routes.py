# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The interface of a packet follows from the routes of the machine, unless the user names it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packets.packet import Packet, on_its_way
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packets.routes import device_of

#: What iproute2 6.1 printed.
REMOTE = '[{"dst":"9.9.9.9","gateway":"10.0.0.1","dev":"eth0","prefsrc":"10.0.0.2","flags":[],"uid":0,"cache":[]}]'
LOCAL = '[{"type":"local","dst":"127.0.0.1","dev":"lo","prefsrc":"127.0.0.1","flags":[],"uid":0,"cache":["local"]}]'
CLIENT, GUEST = IPv4Address("198.51.100.11"), IPv4Address("192.168.122.120")
PACKET = Packet("media", "forward", "udp", CLIENT, GUEST, 10000)


@pytest.mark.parametrize(
    ("text", "device"), [(REMOTE, "eth0"), (LOCAL, "lo"), ("", ""), ("[]", ""), ("RTNETLINK answers: no", "")]
)
def test_device_is_read(text, device):
    assert device_of(text) == device


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ({}, ("uplink", "virbr0")),
        ({"in_interface": "eth9"}, ("eth9", "virbr0")),
        ({"in_interface": "", "out_interface": ""}, ("", "")),
    ],
)
def test_packet_takes_the_machines_routes(named, found):
    packet = on_its_way(replace(PACKET, **named), {CLIENT: "uplink", GUEST: "virbr0"})
    assert (packet.in_interface, packet.out_interface) == found


def test_packet_without_a_route_has_unknown_interfaces():
    assert on_its_way(PACKET, {}) == PACKET
