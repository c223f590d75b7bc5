# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nftables does with packets, by the rules of firewalld, libvirt and an administrator."""

from __future__ import annotations

import json

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packets import nft_ruleset

INPUT = {"hook": "input", "destination": "198.51.100.10"}
DNAT = {"hook": "dnat", "destination": "198.51.100.10", "protocol": "tcp", "port": 443}
SNAT = {"hook": "snat", "source": "192.168.122.120", "destination": "203.0.113.9"}
REPLY = {
    **{"source": "192.168.122.120", "source_port": 10000, "destination": "203.0.113.9", "port": 50000},
    **{"in_interface": "virbr0", "out_interface": "eth0", "state": "established"},
}
TCP = {"protocol": "tcp"}

CASES = [
    ("firewalld", INPUT, "rejected", "reject with icmpx admin-prohibited", "filter_IN_public"),
    ("firewalld", {**INPUT, **TCP, "port": 443}, "accepted", "tcp dport 443 accept", "filter_IN_public_allow"),
    ("firewalld", {**INPUT, "port": 443}, "rejected", "reject with icmpx admin-prohibited", "filter_IN_public"),
    (
        "firewalld",
        {**INPUT, "state": "established"},
        "accepted",
        "ct state { established, related } accept",
        "filter_INPUT",
    ),
    ("firewalld", {}, "rejected", "reject with icmpx admin-prohibited", "filter_FWD_public"),
    ("firewalld", {"translated": True}, "accepted", "ct status dnat accept", "filter_FORWARD"),
    ("firewalld", {**REPLY, "state": "new"}, "accepted", 'iifname "virbr0" oifname "eth0" accept', "filter_FWD_public"),
    (
        "firewalld",
        {**REPLY, "in_interface": "lo"},
        "accepted",
        "ct state { established, related } accept",
        "filter_FORWARD",
    ),
    ("firewalld", {"hook": "prerouting"}, "accepted", "policy accept of filter_PREROUTING", "filter_PREROUTING"),
    ("libvirt_nft", {}, "rejected", 'oif "virbr0" counter reject', "guest_input"),
    ("libvirt_nft", {"in_interface": "virbr0"}, "accepted", 'iif "virbr0" oif "virbr0" counter accept', "guest_cross"),
    (
        "libvirt_nft",
        {"state": "established"},
        "accepted",
        'oif "virbr0" ip daddr 192.168.122.0/24 ct state established,related counter accept',
        "guest_input",
    ),
    ("libvirt_nft", REPLY, "accepted", 'ip saddr 192.168.122.0/24 iif "virbr0" counter accept', "guest_output"),
    ("libvirt_nft", {**REPLY, "source": "10.0.0.1"}, "rejected", 'iif "virbr0" counter reject', "guest_output"),
    (
        "mixed",
        {"source": "10.0.0.9"},
        "accepted",
        'iifname "eth0" ip saddr 10.0.0.0/8 udp dport { 10000-10005 } counter accept comment "hallo"',
        "forward",
    ),
    ("mixed", {"source": "10.0.0.9", "port": 10006}, "dropped", 'meta nfproto ipv4 log prefix "x" drop', "forward"),
    ("mixed", {"port": 80, "in_interface": "lan0", "translated": True}, "accepted", "ct status dnat accept", "j"),
    # A chain entered by goto comes back to the caller's caller: here the policy.
    ("mixed", {"port": 1500, "in_interface": "lan0"}, "dropped", "policy drop of forward", "forward"),
    ("mixed", {"port": 2001, "in_interface": "lan0"}, "dropped", 'meta nfproto ipv4 log prefix "x" drop', "forward"),
    ("mixed", {**TCP, "port": 26}, "rejected", "ip protocol tcp tcp dport != 22-25 reject with tcp reset", "forward"),
    ("mixed", {**TCP, "port": 22}, "dropped", 'meta nfproto ipv4 log prefix "x" drop', "forward"),
    ("mixed", {"destination": "1.2.3.4"}, "dropped", "ip daddr vmap @vm", "forward"),
    ("mixed", {"destination": "1.2.3.5", "translated": True}, "accepted", "ct status dnat accept", "j"),
    (
        "mixed",
        {"in_interface": "a", "out_interface": "b"},
        "accepted",
        'iifname . oifname { "a" . "b" } accept',
        "forward",
    ),
    ("mixed", {"state": "established"}, "accepted", "ct state established,related accept", "forward"),
    ("native", INPUT, "dropped", "udp dport 10000 drop", "input"),
    (
        "native",
        {**INPUT, **TCP, "port": 22, "source": "203.0.113.66"},
        "accepted",
        "tcp dport vmap { 22 : accept, 23 : jump telnet, 24-25 : drop }",
        "input",
    ),
    ("native", {**INPUT, **TCP, "port": 23}, "accepted", "policy accept of input", "input"),
    ("native", {**INPUT, **TCP, "port": 23, "source": "192.0.2.1"}, "dropped", "drop", "telnet"),
    (
        "native",
        {**INPUT, **TCP, "port": 25},
        "dropped",
        "tcp dport vmap { 22 : accept, 23 : jump telnet, 24-25 : drop }",
        "input",
    ),
    ("native", {**INPUT, **TCP, "port": 26, "source": "203.0.113.66"}, "dropped", "ip saddr @banned drop", "input"),
    ("native", {**INPUT, **TCP, "port": 26, "source": "198.51.100.77"}, "dropped", "ip saddr @banned drop", "input"),
    ("native", {**INPUT, "port": 1}, "accepted", "policy accept of input", "input"),
]


@pytest.mark.parametrize(("name", "changes", "verdict", "rule", "chain"), CASES)
def test_rule_that_decides(rules, name, changes, verdict, rule, chain):
    found = rules.result(rules.native(name), **changes)
    assert (found["verdict"], found["rule"], found["chain"]) == (verdict, rule, chain)


@pytest.mark.parametrize(
    ("name", "table", "owner"),
    [("firewalld", "nft inet firewalld", "firewalld"), ("libvirt_nft", "nft ip libvirt_network", "libvirt")],
)
def test_tables_of_programs(rules, name, table, owner):
    found = rules.result(rules.native(name))
    assert (found["table"], found["owner"]) == (table, owner)


@pytest.mark.parametrize(
    ("name", "changes", "to"),
    [
        ("firewalld", DNAT, "192.168.122.9:443"),
        ("firewalld", {**DNAT, "protocol": "udp"}, ""),
        ("mixed", DNAT, "1.2.3.4:443"),
        ("mixed", {**DNAT, "port": 444}, "localhost:4443"),
        ("mixed", {**DNAT, "port": 1, "protocol": "udp"}, "1.2.3.4:1"),
        # The map has no element for it.
        ("mixed", {**DNAT, "port": 1}, ""),
        ("libvirt_nft", SNAT, "masquerade"),
        ("libvirt_nft", {**SNAT, "destination": "224.0.0.251"}, ""),
        ("libvirt_nft", {**SNAT, "destination": "192.168.122.100"}, ""),
        ("firewalld", SNAT, ""),
        ("mixed", {**SNAT, "source": "10.0.0.1"}, "masquerade"),
    ],
)
def test_new_address_of_a_packet(rules, name, changes, to):
    found = rules.result(rules.native(name), **changes)
    assert (found["verdict"], found["to"]) == ("translated" if to else "passes", to)


def test_rules_that_are_not_read_are_named(rules):
    found = rules.result(rules.native("native"), **INPUT | {"port": 1})
    assert found["unsure"] == ["meta mark 0x00000007 drop"]
    found = rules.result(rules.native("mixed"))
    assert found["unsure"] == ["limit rate 3/second accept"]


def test_table_that_iptables_shows_is_not_judged_twice_but_for_chains_of_others(rules):
    assert [chain.name for chain in rules.native("native", ["filter"])] == ["input"]
    ruleset = {"family": "ip", "table": "filter", "name": "INPUT", "type": "filter", "hook": "input", "prio": 0}
    text = json.dumps({"nftables": [{"chain": {**ruleset, "policy": "drop"}}]})
    assert list(nft_ruleset.base_chains(text, "", ["filter"])) == []
    assert [chain.policy for chain in nft_ruleset.base_chains(text, "", [])] == ["drop"]


def test_no_rules_at_all(rules):
    assert list(nft_ruleset.base_chains("", "", [])) == []
    assert rules.brief([]) == ("accepted", "")
    assert rules.result([], **DNAT)["verdict"] == "passes"


def decide(rules, *expr, **changes):
    """The verdict, and whether the rule is in doubt, in a chain that accepts."""
    chain = {"family": "inet", "table": "t", "name": "c", "type": "filter", "hook": "forward", "prio": 0}
    rule = {"family": "inet", "table": "t", "chain": "c", "handle": 1, "expr": list(expr)}
    ruleset = json.dumps({"nftables": [{"chain": chain}, {"rule": rule}]})
    found = rules.result(list(nft_ruleset.base_chains(ruleset, "", [])), **changes)
    return found["verdict"], bool(found["unsure"])


def match(left, right, op="=="):
    return {"match": {"op": op, "left": left, "right": right}}


DROP, PORT = {"drop": None}, {"payload": {"protocol": "udp", "field": "dport"}}
STATE, STATUS = {"ct": {"key": "state"}}, {"ct": {"key": "status"}}
FLAGS = {"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, ["syn", "ack"]]}


@pytest.mark.parametrize(
    ("left", "right", "op", "changes", "truth"),
    [
        (PORT, 10000, "!=", {}, False),
        # A rule about a field of tcp does not match udp, whatever it says.
        ({"payload": {"protocol": "tcp", "field": "dport"}}, 22, "!=", {}, False),
        ({"payload": {"protocol": "ip6", "field": "saddr"}}, "::1", "!=", {}, False),
        ({"payload": {"protocol": "icmp", "field": "type"}}, 8, "==", {}, False),
        ({"payload": {"protocol": "ip", "field": "ttl"}}, 8, "==", {}, None),
        ({"payload": {"protocol": "ether", "field": "saddr"}}, "00:11:22:33:44:55", "==", {}, None),
        ({"payload": {"base": "th", "offset": 0, "len": 16}}, 1, "==", {}, None),
        ({"meta": {"key": "l4proto"}}, 17, "==", {}, True),
        ({"meta": {"key": "nfproto"}}, "ipv6", "==", {}, False),
        ({"meta": {"key": "iifname"}}, "*", "==", {}, True),
        ({"meta": {"key": "oifname"}}, "vir*", "==", {}, True),
        ({"meta": {"key": "iifname"}}, "eth0", "==", {"in_interface": ""}, None),
        ({"meta": {"key": "skuid"}}, 0, "==", {}, None),
        (STATE, ["established", "related"], "in", {}, False),
        (STATE, ["new", "related"], "in", {}, True),
        (STATE, ["new", "related"], "!", {}, False),
        (STATE, "new", "!=", {"state": "established"}, True),
        (STATE, {"set": ["new", "untracked"]}, "==", {}, True),
        ({"&": [STATE, ["new", "related"]]}, 0, "!=", {}, True),
        (STATUS, "dnat", "in", {"translated": True}, True),
        (STATUS, "dnat", "in", {}, False),
        (STATUS, "assured", "in", {}, None),
        ({"&": [STATUS, "dnat"]}, "dnat", "==", {"translated": True}, True),
        ({"&": [STATUS, "dnat"]}, "dnat", "==", {}, False),
        ({"ct": {"key": "direction"}}, "original", "==", {}, True),
        ({"ct": {"key": "mark"}}, 1, "==", {}, None),
        ({"fib": {"result": "type", "flags": ["daddr"]}}, "local", "==", {"destination": "198.51.100.10"}, True),
        ({"fib": {"result": "type", "flags": ["saddr"]}}, "local", "==", {}, False),
        ({"fib": {"result": "oif", "flags": ["saddr", "iif"]}}, False, "==", {}, None),
        (FLAGS, "syn", "==", {"protocol": "tcp"}, True),
        (FLAGS, ["syn", "ack"], "==", {"protocol": "tcp"}, False),
        (FLAGS, "syn", "==", {"protocol": "tcp", "state": "established"}, None),
        (FLAGS, "syn", "==", {}, False),
        ({"concat": [PORT, {"meta": {"key": "mark"}}]}, {"set": [{"concat": [1, 1]}]}, "==", {}, False),
        ({"concat": [PORT, {"meta": {"key": "mark"}}]}, {"set": [{"concat": [10000, 1]}]}, "==", {}, None),
        ({"numgen": {"mode": "inc", "mod": 2, "offset": 0}}, 1, "==", {}, None),
        (PORT, 9000, ">", {}, None),
        (PORT, {"elem": {"val": 10000, "comment": "a"}}, "==", {}, True),
        ({"payload": {"protocol": "ip", "field": "saddr"}}, {"range": ["203.0.113.0", "203.0.113.9"]}, "==", {}, True),
    ],
)
def test_matches(rules, left, right, op, changes, truth):
    expected = ("dropped", False) if truth else ("accepted", truth is None)
    assert decide(rules, match(left, right, op), DROP, **changes) == expected


@pytest.mark.parametrize(
    ("statement", "changes", "expected"),
    [
        ({"queue": {"num": 1}}, {}, ("unsure", False)),
        ({"tproxy": {"port": 1}}, {}, ("unsure", False)),
        ({"flow": {"op": "add", "flowtable": "@f"}}, {}, ("accepted", False)),
        ({"flow": {"op": "add", "flowtable": "@f"}}, {"state": "established"}, ("unsure", False)),
        ({"xt": None}, {}, ("unsure", False)),
        ({"xt": {"type": "target", "name": "REJECT"}}, {}, ("rejected", False)),
        ({"continue": None}, {}, ("accepted", False)),
        ({"accept": None}, {}, ("accepted", False)),
        ({"jump": {"target": "nowhere"}}, {}, ("accepted", False)),
    ],
)
def test_statements_that_end_a_rule(rules, statement, changes, expected):
    assert decide(rules, {"counter": None}, statement, **changes) == expected


@pytest.mark.parametrize(
    ("statement", "is_doubted"),
    [
        ({"limit": {"rate": 3, "per": "second"}}, True),
        ({"ct count": {"val": 10}}, True),
        ({"quota": {"val": 10}}, True),
        ({"xt": {"type": "match", "name": "recent"}}, True),
        ({"set": {"op": "add", "elem": 1, "set": "@a", "stmt": [{"limit": {"rate": 1}}]}}, True),
        ({"set": {"op": "add", "elem": 1, "set": "@a"}}, False),
        ({"log": {"prefix": "a"}}, False),
        ({"mangle": {"key": {"meta": {"key": "mark"}}, "value": 1}}, False),
    ],
)
def test_statements_before_a_drop(rules, statement, is_doubted):
    assert decide(rules, statement, DROP) == (("accepted", True) if is_doubted else ("dropped", False))


@pytest.mark.parametrize(
    ("statement", "to"),
    [
        ({"dnat": {"family": "ip6", "addr": "::1"}}, ""),
        ({"dnat": {"family": "ip", "addr": "1.2.3.4", "port": {"range": [1, 2]}}}, None),
        (
            {"dnat": {"addr": {"map": {"key": PORT, "data": {"set": [[10000, {"concat": ["1.2.3.4", 5]}]]}}}}},
            "1.2.3.4:5",
        ),
        ({"dnat": {"addr": "1.2.3.4", "port": {"map": {"key": PORT, "data": {"set": [[10000, 7]]}}}}}, "1.2.3.4:7"),
        ({"dnat": {"addr": "1.2.3.4", "port": {"map": {"key": PORT, "data": {"set": [[10001, 7]]}}}}}, ""),
        ({"redirect": None}, "localhost:10000"),
    ],
)
def test_translations(rules, statement, to):
    chain = {"family": "inet", "table": "t", "name": "c", "type": "nat", "hook": "prerouting", "prio": -100}
    rule = {"family": "inet", "table": "t", "chain": "c", "handle": 1, "expr": [statement]}
    chains = list(nft_ruleset.base_chains(json.dumps({"nftables": [{"chain": chain}, {"rule": rule}]}), "", []))
    found = rules.result(chains, hook="dnat", destination="198.51.100.10")
    verdict = "unsure" if to is None else "translated" if to else "passes"
    assert (found["verdict"], found["to"]) == (verdict, to or "")


def test_first_chain_that_translates_has_the_packet(rules):
    chains = [*rules.native("firewalld"), *rules.native("mixed")]
    assert rules.result(chains, **DNAT)["to"] == "1.2.3.4:443"
    assert rules.result([*chains, *rules.saved("docker")], **DNAT)["table"] == "nft inet firewall"


def test_chain_of_a_lower_priority_is_named_first(rules):
    accepted_then_dropped = [*rules.saved("plain"), *rules.native("native")]
    found = rules.result(accepted_then_dropped, **INPUT)
    assert (found["verdict"], found["table"]) == ("dropped", "nft ip filter")


def test_long_rule_that_stands_in_several_lines():
    rule = "\t\ttcp dport { 1, 2,\n\t\t\t     3 } drop # handle 7\n"
    listing = f"table ip t {{ # handle 1\n\tchain c {{ # handle 2\n{rule}\t}}\n}}\n"
    assert nft_ruleset._texts(listing)["ip", "t", 7] == "tcp dport { 1, 2, 3 } drop"
