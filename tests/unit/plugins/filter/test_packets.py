# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packets of each forward are asked about at every machine that they pass."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.packets import site_packets

PUBLIC, CLIENT, PROXY, MEET = "198.51.100.10", "198.51.100.11", "192.168.122.100", "192.168.122.120"
FORWARDS = [
    {"protocol": "tcp", "port": 443, "to": PROXY},
    {"protocol": "udp", "port": "49160-49200", "to": MEET, "to_port": "50160-50200"},
]


def told(packets):
    return [(one["name"], one["hook"], one["source"], one["destination"], one["port"]) for one in packets]


def test_host_translates_passes_on_answers_and_masquerades():
    needed = site_packets(FORWARDS[:1], PUBLIC)
    assert told(needed["packets"]) == [
        ("tcp/443 to 192.168.122.100", "dnat", CLIENT, PUBLIC, 443),
        ("tcp/443 from outside", "prerouting", CLIENT, PUBLIC, 443),
        ("tcp/443 from outside", "forward", CLIENT, PROXY, 443),
        ("replies to tcp/443", "forward", PROXY, CLIENT, 50000),
        ("what its guests send out", "snat", PROXY, CLIENT, 80),
        ("what its guests send out", "forward", PROXY, CLIENT, 80),
    ]
    assert needed["wanted"] == {"tcp/443 to 192.168.122.100": "192.168.122.100:443"}


def test_first_port_of_a_range_and_the_guests_own_port_count():
    needed = site_packets(FORWARDS[1:], PUBLIC, masquerades=False)
    assert needed["wanted"] == {"udp/49160-49200 to 192.168.122.120": "192.168.122.120:50160"}
    there, back = needed["packets"][2:]
    assert (there["port"], there["translated"], back["source_port"], back["state"]) == (
        50160,
        True,
        50160,
        "established",
    )


def test_guest_gets_its_own_and_the_proxys():
    packets = site_packets(FORWARDS, PUBLIC, address=MEET, proxy=PROXY)["packets"]
    assert told(packets) == [
        ("udp/49160-49200 from outside", "input", CLIENT, MEET, 50160),
        ("replies to udp/49160-49200", "output", MEET, CLIENT, 50000),
        ("tcp/443 from the proxy", "input", PROXY, MEET, 443),
        ("replies to the proxy", "output", MEET, PROXY, 50000),
    ]


def test_client_is_never_the_host_itself():
    assert {one["source"] for one in site_packets(FORWARDS[:1], CLIENT)["packets"] if one["hook"] == "dnat"} == {PUBLIC}


def test_neighbour_is_no_other_address_of_the_site():
    needed = site_packets(FORWARDS[:1], PUBLIC, others=[CLIENT])
    assert {one["source"] for one in needed["packets"] if one["hook"] == "dnat"} == {"198.51.100.8"}


@pytest.mark.parametrize(("source", "client"), [("203.0.113.0/24", "203.0.113.1"), ("203.0.113.9", "203.0.113.9")])
def test_forward_for_some_is_asked_about_one_of_them(source, client):
    forward = {**FORWARDS[0], "sources": [source, "192.0.2.0/24"]}
    assert {one["source"] for one in site_packets([forward], PUBLIC)["packets"] if one["hook"] == "dnat"} == {client}
    assert site_packets([forward], PUBLIC, address=PROXY)["packets"][0]["source"] == client


def test_anything_else_is_refused():
    with pytest.raises(AnsibleFilterError, match="site_packets: use a list of forwards"):
        site_packets(None, PUBLIC)
