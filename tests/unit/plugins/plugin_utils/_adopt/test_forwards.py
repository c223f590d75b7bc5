# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which forwards belong to Jitsi."""

from __future__ import annotations

import pytest

from .conftest import LOCAL, PROXY, forward

FORWARDS = "nat_host_forwards"


def test_forward_of_tcp_counts_if_the_bridge_listens(article):
    assert "The rule for tcp/4443 leads to 192.168.122.120:4443, where the videobridge does not listen" in (
        article.said(FORWARDS)
    )
    article.jitsi["bridge"]["tcp_port"] = 4443
    assert {"protocol": "tcp", "port": 4443, "to": LOCAL} in article.values()[FORWARDS]
    assert not [said for said in article.said(FORWARDS) if "4443 leads" in said]


@pytest.mark.parametrize(
    ("one", "entry"),
    [
        (forward("udp", "20000", LOCAL, to_port="10000"), {"port": 20000, "to_port": 10000}),
        (forward("udp", "10000-10010", LOCAL), {"port": "10000-10010"}),
        (forward("udp", "10000", LOCAL, source="203.0.113.0/24"), {"port": 10000, "sources": ["203.0.113.0/24"]}),
    ],
)
def test_forward_is_told_whole(article, one, entry):
    article.forwards["forwards"][-1] = one
    assert {"protocol": "udp", "to": LOCAL, **entry} in article.values()[FORWARDS]


def test_rule_for_two_networks_is_one_forward(article):
    article.forwards["forwards"][-1:] = [forward("udp", "10000", LOCAL, source=f"203.0.113.{n}/32") for n in (1, 2)]
    (entry,) = (one for one in article.values()[FORWARDS] if one["port"] == 10000)
    assert entry["sources"] == ["203.0.113.1/32", "203.0.113.2/32"]


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            forward("tcp", "2222", LOCAL, to_port="22"),
            f"The rule for tcp/2222 leads to {LOCAL}:22, and does not belong",
        ),
        (forward("tcp", "8080", PROXY), f"The rule for tcp/8080 leads to {PROXY}:8080, and does not belong to Jitsi"),
        (forward("udp", "10000", "192.168.122.9"), "A rule leads udp/10000 to 192.168.122.9, but the inventory says"),
    ],
)
def test_other_rules_to_the_same_machines_are_named(article, one, said):
    before = article.values()[FORWARDS]
    article.forwards["forwards"].append(one)
    assert article.values()[FORWARDS] == before
    assert any(each.startswith(said) for each in article.said(FORWARDS)), article.said(FORWARDS)


def test_rule_to_another_guest_is_nobodys_business(article):
    before = article.said()
    article.forwards["forwards"].append(forward("tcp", "25", "192.168.122.9"))
    assert article.said() == before


def test_forward_that_is_missing_is_added_and_named(article):
    article.forwards["forwards"].pop()
    assert {"protocol": "udp", "port": 10000, "to": LOCAL} in article.values()[FORWARDS]
    assert f"No rule leads udp/10000 to {LOCAL}" in article.said(FORWARDS)


def test_ports_of_a_turn_server_count_where_there_is_one(article):
    article.forwards["forwards"].append(forward("udp", "3478", LOCAL))
    entry = {"protocol": "udp", "port": 3478, "to": LOCAL}
    assert entry not in article.values()[FORWARDS]
    article.jitsi["packages"]["jitsi-meet-turnserver"] = "1.0"
    assert entry in article.values()[FORWARDS]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("unread", ["-A PREROUTING -j DNAT"], "The rule '-A PREROUTING -j DNAT' cannot be read as a forward"),
        ("nftables", 2, "nft made 2 rules with dnat, which were not read"),
        ("owners", ["web"], "selfhosted.jitsi.port_forwards has made forwards under the name 'web'"),
    ],
)
def test_what_was_not_read_is_named(article, key, value, said):
    article.forwards[key] = value
    assert said in article.said(FORWARDS)


def test_interface_of_a_rule_is_named(article):
    article.forwards["forwards"][-1]["interface"] = "eth0"
    assert "The rule for udp/10000 takes packets from eth0 alone" in article.said(FORWARDS)
