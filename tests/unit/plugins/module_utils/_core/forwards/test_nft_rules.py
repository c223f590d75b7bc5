# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.nft_rules import chains


def match(left, right, op="=="):
    return {"match": {"op": op, "left": left, "right": right}}


def port(protocol, right, op="=="):
    return match({"payload": {"protocol": protocol, "field": "dport"}}, right, op)


def address(field, right, op="=="):
    return match({"payload": {"protocol": "ip", "field": field}}, right, op)


def meta(key, right):
    return match({"meta": {"key": key}}, right)


TO = {"dnat": {"addr": "10.0.0.5"}}
LEADS = "-j DNAT --to-destination 10.0.0.5"


def written(*expressions):
    """The rules, without what they have in common."""
    rule = {"rule": {"family": "ip", "table": "t", "chain": "pre", "expr": list(expressions)}}
    found = chains(json.dumps({"nftables": [{"metainfo": {}}, rule]}), "pre")
    return [line.replace("-A pre ", "", 1) for line in found.get("PREROUTING", [])]


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        ([meta("iifname", "eth0"), port("tcp", 443), {"counter": {}}, TO], [f"-i eth0 -p tcp --dport 443 {LEADS}"]),
        ([meta("iifname", "eth*"), TO], [f"-i eth+ {LEADS}"]),
        ([port("udp", {"range": [1, 9]}), TO], [f"-p udp --dport 1:9 {LEADS}"]),
        ([port("tcp", {"set": [80, {"range": [82, 90]}]}), TO], [f"-p tcp --dport 80,82:90 {LEADS}"]),
        ([port("tcp", 22, "!="), TO], [f"-p tcp ! --dport 22 {LEADS}"]),
        ([port("tcp", {"set": [22, 23]}, "!="), TO], [f"-p tcp ! --dport 22,23 {LEADS}"]),
        ([address("saddr", {"set": ["10.0.0.1", "10.0.0.2"]}, "!="), TO], [f"--unread {LEADS}"]),
        ([port("tcp", "@ports"), TO], [f"-p tcp --unread {LEADS}"]),
        (
            [meta("l4proto", {"set": ["tcp", "udp"]}), port("th", 53), {"redirect": {"port": 5353}}],
            ["-p tcp --dport 53 -j REDIRECT", "-p udp --dport 53 -j REDIRECT"],
        ),
        ([address("daddr", "198.51.100.10"), TO], [f"-d 198.51.100.10 {LEADS}"]),
        ([address("daddr", {"prefix": {"addr": "10.0.0.0", "len": 8}}, "!="), TO], [f"! -d 10.0.0.0/8 {LEADS}"]),
        ([address("saddr", {"set": ["10.0.0.1", "10.0.0.2"]}), TO], [f"-s 10.0.0.1 {LEADS}", f"-s 10.0.0.2 {LEADS}"]),
        ([address("saddr", {"range": ["10.0.0.1", "10.0.0.9"]}), TO], [f"--unread {LEADS}"]),
        ([match({"fib": {"result": "type", "flags": ["daddr"]}}, "local"), TO], [f"--dst-type LOCAL {LEADS}"]),
        ([match({"fib": {"result": "type", "flags": "daddr"}}, "local"), TO], [f"--dst-type LOCAL {LEADS}"]),
        ([match({"ct": {"key": "state"}}, "new", "in"), TO], [LEADS]),
        ([match({"ct": {"key": "state"}}, ["related", "new"], "in"), TO], [LEADS]),
        ([match({"ct": {"key": "state"}}, "invalid", "in"), TO], [f"--unread {LEADS}"]),
        ([meta("protocol", "ip"), TO], [LEADS]),
        ([meta("protocol", "ip6"), TO], []),
        ([port("udp", 9000, ">="), TO], [f"-p udp --dport 9000:65535 {LEADS}"]),
        ([port("udp", 9000, ">"), TO], [f"-p udp --dport 9001:65535 {LEADS}"]),
        ([port("udp", 9000, "<="), TO], [f"-p udp --dport 1:9000 {LEADS}"]),
        ([port("udp", 9000, "<"), TO], [f"-p udp --dport 1:8999 {LEADS}"]),
        ([port("udp", 65535, ">"), TO], []),
        ([address("saddr", "10.0.0.1", ">"), TO], [f"--unread {LEADS}"]),
        ([port("sctp", 443), TO], [f"-p sctp --unread {LEADS}"]),
        ([match({"payload": {"protocol": "icmp", "field": "type"}}, 8), TO], [f"-p icmp --unread {LEADS}"]),
        ([port("tcp", {"set": [{"elem": {"val": 443, "comment": "web"}}]}), TO], [f"-p tcp --dport 443 {LEADS}"]),
        (
            [meta("l4proto", {"set": [6, 17]}), port("th", 53), TO],
            [f"-p {one} --dport 53 {LEADS}" for one in ("tcp", "udp")],
        ),
        # Of two conditions for one thing the narrower one is kept.
        ([meta("l4proto", {"set": ["tcp", "udp"]}), port("tcp", 443), TO], [f"-p tcp --dport 443 {LEADS}"]),
        ([port("udp", {"range": [5, 9]}), port("udp", 7, "!="), TO], [f"-p udp --dport 5:9 --unread {LEADS}"]),
        ([port("udp", 7, "!="), port("udp", {"range": [5, 9]}), TO], [f"-p udp --dport 5:9 --unread {LEADS}"]),
        ([address("saddr", f"10.{n}.0.0") for n in (1, 2)] + [TO], [f"-s 10.1.0.0 --unread {LEADS}"]),
        ([{"limit": {"rate": 5, "per": "second"}}, TO], [f"--unread {LEADS}"]),
        ([{"dnat": {"addr": "10.0.0.5", "port": 8443}}], [f"{LEADS}:8443"]),
        ([{"dnat": {"addr": {"range": ["10.0.0.1", "10.0.0.9"]}}}], ["-j DNAT"]),
        ([{"dnat": {"addr": "10.0.0.5", "port": {"range": [8000, 8010]}}}], [f"{LEADS}:8000-8010"]),
        ([{"dnat": {"addr": "10.0.0.5", "port": {"map": {"key": {}, "data": "@m"}}}}], ["-j DNAT"]),
        ([{"redirect": None}], ["-j REDIRECT"]),
        ([port("tcp", 5), {"jump": {"target": "web"}}], ["-p tcp --dport 5 -j web"]),
        ([{"goto": {"target": "web"}}], ["-g web"]),
        ([{"accept": None}], ["-j ACCEPT"]),
        # What is only for IPv6 concerns no forward.
        ([meta("nfproto", "ipv6"), TO], []),
        ([meta("nfproto", "ipv4"), TO], [LEADS]),
        ([match({"payload": {"protocol": "ip6", "field": "daddr"}}, "2001:db8::1"), {"redirect": None}], []),
        ([{"dnat": {"family": "ip6", "addr": "2001:db8::1"}}], []),
        ([{"counter": {}}], []),
    ],
)
def test_a_rule_in_the_words_of_iptables(expressions, expected):
    assert written(*expressions) == expected


KEY = {"payload": {"protocol": "tcp", "field": "dport"}}


def test_a_map_of_ports_names_its_ports():
    data = {"set": [[80, "10.0.0.1"], [443, "10.0.0.2"]]}
    assert written({"dnat": {"addr": {"map": {"key": KEY, "data": data}}}}) == ["-p tcp --dport 80,443 -j DNAT"]
    assert written({"dnat": {"addr": {"map": {"key": KEY, "data": "@m"}}}}) == ["-p tcp --unread -j DNAT"]


def test_a_map_of_verdicts_leads_some_ports_to_chains():
    data = {"set": [[5, {"jump": {"target": "web"}}], [6, {"accept": None}], [7, {"goto": {"target": "more"}}]]}
    expected = ["-p tcp --dport 5 -j web", "-p tcp --dport 7 -g more"]
    assert written({"vmap": {"key": KEY, "data": data}}) == expected
    # What is behind it gets the other packets.
    assert written({"vmap": {"key": KEY, "data": data}}, TO) == [*expected, LEADS]


def test_a_map_of_verdicts_with_a_name_may_lead_anywhere():
    assert written({"vmap": {"key": KEY, "data": "@fw"}}) == ["-p tcp --unread -j DNAT"]


#: Texts of nft in its own language, and shapes that no release is known to print.
UNKNOWN = [
    ("jump {\n\t\t\tdnat ip to 10.0.0.3\n\t\t}", ["-p tcp --dport 25 --unread -j DNAT"]),
    ("jump {\n\t\t\tcounter\n\t\t}", ["-p tcp --dport 25 --unread -j DNAT"]),
    ("meta broute set 1", []),
    ({"match": {"left": "ip saddr", "right": 1}}, []),
    ({"match": {"left": {}, "right": {"set": 443}}}, []),
    ({"dnat": None}, ["--unread -j DNAT"]),
    ({"vmap": {"key": KEY, "data": {"elements": []}}}, ["--unread -j DNAT"]),
]


@pytest.mark.parametrize(("expression", "expected"), UNKNOWN)
def test_a_form_that_is_not_known_is_no_error(expression, expected):
    assert written(port("tcp", 25), expression) == expected


def test_a_text_that_is_no_json_may_be_any_rule():
    assert chains("Error: syntax error", "pre") == {"PREROUTING": ["-A pre --unread -j DNAT"]}


def test_large_sets_do_not_become_as_many_lines():
    sources = address("saddr", {"set": [f"10.0.{n}.0" for n in range(200)]})
    assert written(sources, port("tcp", {"set": [443, 8443]}), TO) == [f"-p tcp --dport 443,8443 --unread {LEADS}"]


def test_other_chains_keep_their_names():
    rules = [{"rule": {"chain": name, "expr": [{"redirect": None}]}} for name in ("pre", "web")]
    found = chains(json.dumps({"nftables": rules}), "pre")
    assert found == {"PREROUTING": ["-A pre -j REDIRECT"], "web": ["-A web -j REDIRECT"]}
    assert chains("", "pre") == {}
