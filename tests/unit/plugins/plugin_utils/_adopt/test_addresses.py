# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of a site, and machines that contradict each other about them."""

from __future__ import annotations

import pytest

from .conftest import LOCAL, PROXY, PUBLIC, forward, interface


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
    article.found["host"]["interfaces"].pop()
    assert article.values()["nat_host_network"] == "192.168.122.0/24"
    comments = {one.name: one.comment for one in article.adopted().settings}
    assert comments["nat_host_network"] == "The usual network of libvirt, as no machine shows it"


DOCKER = {"address": "172.17.0.1", "network": "172.17.0.0/16", "device": "docker0"}


@pytest.mark.parametrize("forwards", [True, False])
def test_network_of_docker_is_not_that_of_the_guests(article, forwards):
    for machine in article.found.values():
        machine["interfaces"].insert(0, DOCKER)
    if not forwards:
        article.forwards["forwards"] = []
    found = article.values()
    assert found["nat_host_network"] == "192.168.122.0/24"
    assert (found["reverse_proxy_address"], found["jitsi_meet_local_address"]) == (PROXY, LOCAL)


def test_network_is_that_of_the_forwards(article):
    article.found["host"]["interfaces"].insert(0, interface("10.0.0.1", "virbr1"))
    for machine, last in (("proxy", 2), ("jitsi", 3)):
        article.found[machine]["interfaces"].insert(0, interface(f"10.0.0.{last}", "eth1"))
    assert article.values()["nat_host_network"] == "192.168.122.0/24"
    assert article.values()["reverse_proxy_address"] == PROXY


@pytest.mark.parametrize("public", ['"198.51.100.10"', "meet.example.com"])
def test_mapping_that_is_no_address_is_told(article, public):
    article.jitsi["bridge"]["mappings"] = [{"local": "eth0", "public": public}]
    for one in article.forwards["forwards"]:
        one["public_address"] = ""
    assert "nat_host_public_address_elsewhere" not in article.values()
    assert "nat_host_public_address" in article.open()
    said = "The videobridge has {!r} as its {} address, which is no IPv4 address"
    assert said.format(public, "public") in article.said("nat_host_public_address")
    assert said.format("eth0", "local") in article.said("jitsi_meet_local_address")


@pytest.mark.parametrize("public", ["0.0.0.0", "127.0.0.1", LOCAL])
def test_public_address_that_a_run_would_refuse_is_left_to_the_user(article, public):
    article.jitsi["bridge"]["mappings"][0]["public"] = public
    for one in article.forwards["forwards"]:
        one["public_address"] = ""
    assert "nat_host_public_address" in article.open()
    said = f"the videobridge on jitsi says {public}, which cannot be a public address of this host"
    assert said in article.said("nat_host_public_address")


def test_guest_of_another_public_address_is_not_the_proxy(article):
    article.found["host"]["interfaces"].insert(0, interface("198.51.100.11"))
    article.found["proxy"]["interfaces"] = []
    mail = [forward("tcp", port, "192.168.122.25", public_address="198.51.100.11") for port in ("80", "443")]
    article.forwards["forwards"][:0] = mail
    assert article.values()["reverse_proxy_address"] == PROXY
    assert article.values()["nat_host_public_address"] == PUBLIC
    assert not article.said("reverse_proxy_address")


def test_ports_of_the_site_tell_the_public_address(article):
    article.forwards["forwards"].insert(0, forward("tcp", "2222", LOCAL, public_address="198.51.100.11"))
    assert article.values()["nat_host_public_address"] == PUBLIC
    assert not article.said("nat_host_public_address")


def test_address_outside_the_network_is_left_to_the_user(article):
    article.found["proxy"]["interfaces"] = []
    for one in article.forwards["forwards"][:2]:
        one["to"] = "10.9.9.9"
    assert "reverse_proxy_address" in article.open()
    said = "the DNAT rule for tcp/443 on host says 10.9.9.9, which is not in 192.168.122.0/24"
    assert said in article.said("reverse_proxy_address")
