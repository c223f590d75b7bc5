# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forwards in rules of anybody, as iptables-save prints them."""

from __future__ import annotations

import json

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.translations import (
    own_of_nftables,
    read_table,
)

RULE = "-A PREROUTING -d 198.51.100.10/32 -p udp -m udp --dport 10000 -j DNAT --to-destination 192.0.2.3:10000"


def saved(*rules, chains=("PREROUTING",)):
    return "\n".join(["*nat", *(f":{chain} ACCEPT [0:0]" for chain in chains), *rules, "COMMIT", ""])


def told(table):
    return [(one.protocol, one.port, one.to, one.to_port, one.public_address, one.source) for one in table.translations]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (RULE, [("udp", "10000", "192.0.2.3", "", "198.51.100.10", "")]),
        (RULE.replace("3:10000", "3:20000"), [("udp", "10000", "192.0.2.3", "20000", "198.51.100.10", "")]),
        (RULE.replace("3:10000", "3"), [("udp", "10000", "192.0.2.3", "", "198.51.100.10", "")]),
        (RULE.replace("-d 198.51.100.10/32 ", ""), [("udp", "10000", "192.0.2.3", "", "", "")]),
        (
            RULE.replace("--dport 10000", "--dport 10000:10010").replace("3:10000", "3:20000-20010/10000"),
            [("udp", "10000-10010", "192.0.2.3", "20000-20010", "198.51.100.10", "")],
        ),
        (
            "-A PREROUTING -s 203.0.113.0/24 -p tcp -m multiport --dports 80,443 -j DNAT --to-destination 192.0.2.2",
            [("tcp", port, "192.0.2.2", "", "", "203.0.113.0/24") for port in ("80", "443")],
        ),
    ],
)
def test_rule_is_a_forward(rule, expected):
    table = read_table(saved(rule))
    assert told(table) == expected
    assert table.unread == ()


@pytest.mark.parametrize(
    "rule",
    [
        RULE.replace("-d 198.51.100.10/32", "! -d 198.51.100.10/32"),
        RULE.replace("192.0.2.3:10000", "192.0.2.3-192.0.2.9"),
        RULE.replace("-p udp -m udp --dport 10000 ", ""),
        RULE.replace("-j DNAT", "-m time --timestart 10:00 -j DNAT"),
    ],
)
def test_rule_that_is_more_than_a_forward_is_not_guessed(rule):
    table = read_table(saved(rule))
    assert (told(table), table.unread) == ([], (rule,))


def test_own_chains_and_what_the_host_itself_sends_are_left_out():
    lines = (RULE.replace("PREROUTING", "PF-jitsi-DNAT"), RULE.replace("PREROUTING", "OUTPUT"), "-A PREROUTING -j X")
    table = read_table(saved(*lines, chains=("PREROUTING", "OUTPUT", "PF-jitsi-DNAT", "PF-jitsi-SNAT")))
    assert (told(table), table.unread, table.owners) == ([], (), ("jitsi",))


def test_host_without_the_table_has_none():
    assert read_table("*filter\nCOMMIT\n").translations == ()


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ({"family": "inet", "table": "mine", "chain": "pre", "expr": [{"dnat": {"addr": "192.0.2.3"}}]}, 1),
        ({"family": "ip", "table": "nat", "chain": "PREROUTING", "expr": [{"dnat": {"addr": "192.0.2.3"}}]}, 0),
        ({"family": "inet", "table": "mine", "chain": "pre", "expr": [{"accept": None}]}, 0),
    ],
)
def test_rules_of_nft_are_counted(rule, count):
    assert own_of_nftables(json.dumps({"nftables": [{"metainfo": {}}, {"rule": rule}]}), ["nat"]) == count
    assert own_of_nftables("", []) == 0
