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
        RULE.replace("-j DNAT", "-m addrtype --dst-type UNICAST -j DNAT"),
        RULE.replace("-p udp", "-s 10.0.0.0/255.0.255.0 -p udp"),
        RULE.replace("--dport 10000", "--dport 10000:20000"),
        RULE.replace("--dport 10000", "--dport 0:10000").replace("3:10000", "3"),
        RULE.replace("--dport 10000", "--dport 20000:20010").replace("3:10000", "3:10000-10010"),
        RULE.replace("--dport 10000", "--dport 20000:20010").replace("3:10000", "3:10000-10010/19999"),
        RULE.replace("-m udp --dport 10000", "-m multiport --dports 10000,10002:10003"),
        "-A PREROUTING -p tcp -m tcp --dport 443 -j REDIRECT --to-ports 8443",
        "-A PREROUTING -d 198.51.100.0/28 -j NETMAP --to 192.0.2.0/28",
    ],
)
def test_rule_that_is_more_than_a_forward_is_not_guessed(rule):
    table = read_table(saved(rule))
    assert (told(table), table.unread) == ([], (rule,))


IN_CHAIN = "-A WEB -p tcp -m multiport --dports 80,443 -j DNAT --to-destination 192.0.2.2"
HEADS = ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING", "WEB", "MORE", "LIBVIRT_PRT")


@pytest.mark.parametrize(
    "jumps",
    [
        ["-A PREROUTING -j WEB"],
        ["-A PREROUTING -m addrtype --dst-type LOCAL -j WEB", "-A OUTPUT ! -d 127.0.0.0/8 -j WEB"],
        ["-A PREROUTING -m comment --comment all -j MORE", "-A MORE -g WEB"],
        # As libvirt has it, and what cannot concern the ports.
        ["-A POSTROUTING -j LIBVIRT_PRT", "-A LIBVIRT_PRT -d 224.0.0.0/24 -j RETURN", "-A PREROUTING -j WEB"],
        ["-A PREROUTING -i virbr0 -j RETURN", "-A PREROUTING -p udp -j ACCEPT", "-A PREROUTING -j WEB"],
        ["-A PREROUTING -j MORE", "-A MORE -s 203.0.113.0/24 -j RETURN", "-A PREROUTING -j WEB"],
    ],
)
def test_chain_counts_where_every_packet_gets_to_it(jumps):
    table = read_table(saved(*jumps, IN_CHAIN, chains=HEADS))
    assert told(table) == [("tcp", port, "192.0.2.2", "", "", "") for port in ("80", "443")]
    assert table.unread == ()


@pytest.mark.parametrize(
    "jumps",
    [
        [],
        ["-A POSTROUTING -j WEB"],
        ["-A PREROUTING -s 203.0.113.0/24 -j WEB"],
        ["-A PREROUTING -d 198.51.100.10/32 -j WEB"],
        ["-A PREROUTING -j WEB", "-A PREROUTING -i eth0 -j WEB"],
        ["-A PREROUTING -s 203.0.113.0/24 -j MORE", "-A MORE -j WEB"],
        ["-A PREROUTING -m addrtype ! --dst-type LOCAL -j WEB"],
        ["-A PREROUTING -s 203.0.113.0/24 -j RETURN", "-A PREROUTING -j WEB"],
        ["-A PREROUTING -j MORE", "-A MORE -s 203.0.113.0/24 -j ACCEPT", "-A PREROUTING -j WEB"],
        ["-A PREROUTING -j WEB", "-A WEB -p tcp -m tcp --dport 443 -j RETURN"],
        ["-A PREROUTING -i eth1 -g MORE", "-A PREROUTING -j WEB"],
    ],
)
def test_chain_that_not_every_packet_gets_to_is_no_forward(jumps):
    table = read_table(saved(*jumps, IN_CHAIN, chains=HEADS))
    assert (told(table), table.unread) == ([], (IN_CHAIN,))


@pytest.mark.parametrize(
    ("above", "counts"),
    [
        ("-s 203.0.113.0/24 -j RETURN", False),
        ("-d 198.51.100.10/32 -p udp -m multiport --dports 53,10000 -j ACCEPT", False),
        ("-j ACCEPT", False),
        ("-d 198.51.100.11/32 -j RETURN", True),
        ("! -d 198.51.100.10/32 -j RETURN", True),
        ("! -d 198.51.100.11/32 -j RETURN", False),
        ("-p udp -m udp --dport 53 -j ACCEPT", True),
        ("-i docker0 -j RETURN", True),
        ("-s 203.0.113.0/24 -j LOG", True),
    ],
)
def test_rule_below_one_that_keeps_packets_away_is_no_forward(above, counts):
    table = read_table(saved(f"-A PREROUTING {above}", RULE))
    assert (len(table.translations), table.unread) == ((1, ()) if counts else (0, (RULE,)))
    assert read_table(saved(RULE, f"-A PREROUTING {above}")).unread == ()


@pytest.mark.parametrize(
    ("link", "counts"), [("-i eth1", True), ("-i eth0", False), ("-i eth+", False), ("! -i eth1", False)]
)
def test_rule_for_another_interface_keeps_no_packets_away(link, counts):
    rule = RULE.replace("-d 198", "-i eth0 -d 198")
    assert read_table(saved(f"-A PREROUTING {link} -j RETURN", rule)).unread == (() if counts else (rule,))


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
