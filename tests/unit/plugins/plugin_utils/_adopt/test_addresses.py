# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of a site, and machines that contradict each other about them."""

from __future__ import annotations

import pytest

from .conftest import LOCAL, PROXY, PUBLIC, forward


def test_bridge_that_names_another_local_address_is_told(article):
    article.jitsi["bridge"]["mappings"][0]["local"] = "192.168.122.7"
    assert article.values()["jitsi_meet_local_address"] == LOCAL
    (said,) = article.said("jitsi_meet_local_address")
    assert said == f"jitsi itself says {LOCAL}, but the videobridge on jitsi says 192.168.122.7"


def test_bridge_that_names_another_public_address_is_told(article):
    article.jitsi["bridge"]["mappings"][0]["public"] = "198.51.100.99"
    (said,) = article.said("nat_host_public_address")
    assert said == f"the DNAT rule for tcp/80 on host says {PUBLIC}, but the videobridge on jitsi says 198.51.100.99"


@pytest.mark.parametrize("port", ["80", "443"])
def test_rule_to_another_machine_than_the_proxy_is_told(article, port):
    article.forwards["forwards"] = [
        forward("tcp", port, "192.168.122.9") if one["port"] == port else one for one in article.forwards["forwards"]
    ]
    said = f"proxy itself says {PROXY}, but the DNAT rule for tcp/{port} on host says 192.168.122.9"
    assert said in article.said("reverse_proxy_address")
    assert f"A rule leads tcp/{port} to 192.168.122.9, but the inventory says {PROXY}" in article.said()


@pytest.mark.parametrize("port", [10000, 0])
def test_rule_for_media_to_another_machine_is_told(article, port):
    """A bridge whose port cannot be told has the usual one."""
    article.jitsi["bridge"]["port"] = port
    article.forwards["forwards"][-1] = forward("udp", "10000", "192.168.122.9")
    said = f"jitsi itself says {LOCAL}, but the DNAT rule for udp/10000 on host says 192.168.122.9"
    assert said in article.said("jitsi_meet_local_address")


def test_without_addresses_in_rules_the_bridge_says_the_public_one(article):
    for one in article.forwards["forwards"]:
        one["public_address"] = ""
    assert article.values()["nat_host_public_address"] == PUBLIC


def test_address_that_nobody_shows_is_left_to_the_user(article):
    article.forwards["forwards"] = []
    article.jitsi["bridge"]["mappings"] = []
    assert article.open() == {"nat_host_public_address"}
    assert "nat_host_public_address cannot be told" in article.said()


def test_address_of_a_router_is_told(article):
    article.found["host"]["interfaces"].pop(0)
    assert article.values()["nat_host_public_address_elsewhere"] is True
    assert article.said("nat_host_public_address_elsewhere") == [f"host has no interface with {PUBLIC}"]


def test_network_is_that_of_the_guests(article):
    assert article.values()["nat_host_network"] == "192.168.122.0/24"
    for machine in ("proxy", "jitsi"):
        article.found[machine]["interfaces"] = [
            {"address": "203.0.113.9", "network": "203.0.113.0/24", "device": "eth0"}
        ]
    assert article.values()["nat_host_network"] == "192.168.122.0/24"
    assert article.values()["jitsi_meet_local_address"] == LOCAL
