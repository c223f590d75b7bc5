# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the firewalls of a machine stop or send elsewhere."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.packets import judge

RESULT = {
    **{"name": "udp/10000 from outside", "hook": "input", "protocol": "udp", "port": 10000, "verdict": "accepted"},
    **{"to": "", "rule": "policy ACCEPT of INPUT", "chain": "INPUT", "table": "iptables filter", "owner": ""},
    "unsure": [],
}
GUESTS = "192.168.122.100:443"
WEB = {"name": "tcp/443 to the proxy", "hook": "dnat", "protocol": "tcp", "port": 443}
OUT = {"name": "what its guests send out", "hook": "snat", "protocol": "tcp", "port": 443}
SENT = {**WEB, "verdict": "translated", "rule": "-A DOCKER -j DNAT", "table": "iptables nat", "owner": "docker"}
DROPPED = {"verdict": "dropped", "rule": "policy DROP of INPUT"}


def rows(*results, wanted=None):
    part = {"results": [{**RESULT, **result} for result in results]}
    return judge("host", part if wanted is None else {**part, "wanted": wanted})


@pytest.mark.parametrize(
    "result",
    [
        {},
        {**WEB, "verdict": "translated", "to": GUESTS},
        {**OUT, "verdict": "translated", "to": "masquerade"},
        {**OUT, "verdict": "translated", "to": "198.51.100.10"},
    ],
)
def test_packets_that_pass_make_one_row(result):
    (row,) = rows(result, {"name": "replies"}, wanted={WEB["name"]: GUESTS})
    assert (row.name, row.ok) == ("host: no firewall rule stops what the site needs", True)
    assert (row.expected, row.found, row.remedy) == ("no rule", "no rule", "")


@pytest.mark.parametrize(
    ("results", "found"),
    [
        ([{"unsure": ["a"]}], "1 rule with"),
        ([{"unsure": ["a", "b"]}, {"unsure": ["b"]}], "2 rules with"),
        ([{"unsure": ["a"]}, {"verdict": "unsure", "rule": "-j NFQUEUE"}], "2 rules with"),
        ([{**WEB, "verdict": "unsure", "rule": "-j TPROXY"}], "1 rule with"),
        ([{**OUT, "verdict": "unsure", "rule": "-j SAME"}], "1 rule with"),
    ],
)
def test_rules_in_doubt_are_counted_and_fail_no_row(results, found):
    (row,) = rows(*results, wanted={WEB["name"]: GUESTS})
    assert row.ok
    assert row.found == f"no rule; not read: {found} other matches"


@pytest.mark.parametrize(
    ("owner", "remedy"),
    [
        ("", "Remove that rule, or allow udp port 10000 before it; then check again"),
        ("ufw", "ufw allow 10000/udp, or ufw route allow proto udp to any port 10000 for forwarded"),
        ("firewalld", "firewall-cmd --permanent --add-port=10000/udp, and firewall-cmd --reload"),
        ("docker", "let docker accept udp port 10000 in the chain DOCKER-USER"),
        ("libvirt", "Run selfhosted.jitsi.site, which puts the rules of the forwards above it; then check again"),
    ],
)
@pytest.mark.parametrize("verdict", ["dropped", "rejected"])
def test_rule_that_stops_a_packet_is_named_with_its_owners_remedy(owner, remedy, verdict):
    (row,) = rows({**DROPPED, "owner": owner, "verdict": verdict}, {"name": "replies"})
    assert (row.name, row.ok) == ("host lets udp/10000 from outside pass", False)
    assert row.found == f"{verdict} by policy DROP of INPUT (iptables filter)"
    assert remedy in row.remedy


def test_packet_that_is_dropped_where_it_should_be_translated():
    for packet in (WEB, OUT):
        (row,) = rows({**packet, **DROPPED}, wanted={WEB["name"]: GUESTS})
        assert row.name == f"host lets {packet['name']} pass"


def test_each_rule_that_stops_packets_has_one_row():
    one, other = {**DROPPED, "name": "replies"}, {**DROPPED, "name": "web", "rule": "-A INPUT -j DROP"}
    found = rows(DROPPED, one, other, {"name": "passes"})
    assert [row.name for row in found] == ["host lets udp/10000 from outside and replies pass", "host lets web pass"]


@pytest.mark.parametrize(
    ("result", "wanted", "expected", "found", "remedy"),
    [
        (
            {**SENT, "to": "192.168.122.9:443"},
            {WEB["name"]: GUESTS},
            f"sent to {GUESTS}",
            "sent to 192.168.122.9:443 by -A DOCKER -j DNAT (iptables nat)",
            "Remove that rule, or stop docker from making it; then run selfhosted.jitsi.site, and check again",
        ),
        (
            {**SENT, "to": GUESTS, "owner": ""},
            {},
            "no rule",
            f"sent to {GUESTS} by -A DOCKER -j DNAT (iptables nat)",
            "Remove that rule, or the program that makes it; then run selfhosted.jitsi.site, and check again",
        ),
        (
            {**WEB, "verdict": "passes"},
            {WEB["name"]: GUESTS},
            f"sent to {GUESTS}",
            "not translated",
            "Run selfhosted.jitsi.site, which restores the rules of the forwards",
        ),
    ],
)
def test_packet_that_goes_elsewhere(result, wanted, expected, found, remedy):
    (row,) = rows(result, wanted=wanted)
    assert (row.name, row.ok) == ("host sends tcp/443 to the proxy", False)
    assert (row.expected, row.found, row.remedy) == (expected, found, remedy)


def test_packet_that_must_keep_its_destination_passes():
    assert rows({**WEB, "verdict": "passes"})[0].ok


def test_guests_that_are_not_masqueraded():
    (row,) = rows({**OUT, "verdict": "passes", "rule": "", "table": ""})
    assert (row.name, row.ok) == ("host masquerades what its guests send out", False)
    assert row.found == "not translated"
    assert "virsh net-destroy" in row.remedy and "At a quiet hour" in row.remedy
