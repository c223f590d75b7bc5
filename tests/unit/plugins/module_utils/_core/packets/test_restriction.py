# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of FORWARD that let some senders reach a guest, whatever DNAT says."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.translations import Translation
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packets.packet import on_its_way
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packets.restriction import (
    ANYBODY,
    Filter,
    last_port,
    packet_to,
    restriction_of,
)

GUEST = "192.168.122.120"
DEVICES = {ANYBODY: "eth0", IPv4Address(GUEST): "virbr0"}
TO_GUEST = f"-d {GUEST}/32 -p udp -m udp --dport 10000"
SOME = f"-A FORWARD -s 203.0.113.0/24 {TO_GUEST} -j ACCEPT"
EVERYBODY = f"-A FORWARD {TO_GUEST} -j ACCEPT"
REFUSED = "-A FORWARD -o virbr0 -j REJECT --reject-with icmp-port-unreachable"
LIBVIRT = (
    "-A FORWARD -d 192.168.122.0/24 -o virbr0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-A FORWARD -s 192.168.122.0/24 -i virbr0 -j ACCEPT",
    "-A FORWARD -i virbr0 -o virbr0 -j ACCEPT",
    REFUSED,
)
#: What ufw has whatever is allowed, in chains that forwarded packets do not come to.
OF_UFW = (
    "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
    "-A ufw-skip-to-policy-output -j ACCEPT",
    "-A ufw-user-limit-accept -j ACCEPT",
    "-A ufw-track-output -p udp -m conntrack --ctstate NEW -j ACCEPT",
)


def to_guest(**more):
    usual = {"protocol": "udp", "port": "10000", "to": GUEST, "to_port": "", "public_address": "198.51.100.10"}
    return Translation(**{**usual, "source": "", "interface": "", "rule": "-A PREROUTING", **more})


def found(*rules, policy="ACCEPT", came="", forward=None):
    forward = forward or to_guest()
    names = dict.fromkeys(rule.split(" ")[1] for rule in rules)
    chains = [f":{name} - [0:0]" for name in names if name != "FORWARD"]
    saved = "\n".join(["*filter", f":FORWARD {policy} [0:0]", *chains, *rules, "COMMIT", ""])
    packet = on_its_way(packet_to(forward, came or None), DEVICES)
    return restriction_of([Filter.of(saved)], packet, last_port(forward))


@pytest.mark.parametrize(
    "rule",
    [
        SOME,
        f"-A FORWARD {TO_GUEST} -m set --match-set office src -j ACCEPT",
        f"-A FORWARD {TO_GUEST} -m set --match-set pairs dst,src -j ACCEPT",
        f"-A FORWARD {TO_GUEST} -m set --match-set pairs src,dst -j ACCEPT",
        f"-A FORWARD {TO_GUEST} -m iprange --src-range 203.0.113.5-203.0.113.9 -j ACCEPT",
        f"-A FORWARD {TO_GUEST} -m geoip --source-country DE -j ACCEPT",
        f"-A FORWARD {TO_GUEST} -m mark --mark 0x1 -j ACCEPT",
        f"-A FORWARD {TO_GUEST} -m policy --dir in --pol ipsec -j ACCEPT",
        f"-A FORWARD {TO_GUEST} -m recent --rcheck --seconds 60 --name knock --rsource -j ACCEPT",
        f"-A FORWARD {TO_GUEST} -m mac --mac-source 52:54:00:00:00:01 -j ACCEPT",
        f"-A FORWARD -i wg0 {TO_GUEST} -j ACCEPT",
        # A network of the administrator's, which has the guests in it.
        f"-A FORWARD -s 192.168.0.0/16 {TO_GUEST} -j ACCEPT",
        "-A FORWARD -s 203.0.113.9/32 -j ACCEPT",
    ],
)
@pytest.mark.parametrize("behind", [(), (REFUSED,), LIBVIRT])
def test_rule_for_some_senders_before_all_others_are_refused(rule, behind):
    assert found(rule, *behind, policy="DROP") == rule


@pytest.mark.parametrize(
    "rule",
    [
        f"-A FORWARD ! -s 203.0.113.0/24 {TO_GUEST} -j DROP",
        f"-A FORWARD {TO_GUEST} -m set ! --match-set office src -j DROP",
        f"-A FORWARD {TO_GUEST} -m geoip ! --source-country DE -j REJECT --reject-with icmp-port-unreachable",
        f"-A FORWARD {TO_GUEST} -m iprange ! --src-range 203.0.113.5-203.0.113.9 -j DROP",
    ],
)
@pytest.mark.parametrize("behind", [(), (EVERYBODY, REFUSED)])
def test_rule_that_refuses_all_other_senders(rule, behind):
    assert found(rule, *behind) == rule


JUMP = "-A FORWARD -s 203.0.113.0/24 -j TRUSTED"


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ((JUMP, "-A TRUSTED -j ACCEPT"), JUMP),
        ((JUMP, f"-A TRUSTED {TO_GUEST} -j ACCEPT"), JUMP),
        ((JUMP.replace("-j TR", "-g TR"), f"-A TRUSTED {TO_GUEST} -j ACCEPT"), JUMP.replace("-j TR", "-g TR")),
        (("-A FORWARD -j GUESTS", f"-A GUESTS -s 203.0.113.0/24 {TO_GUEST} -j ACCEPT"), "-A GUESTS"),
        # Behind a goto no rule of the first chain counts.
        (("-A FORWARD -g GUESTS", EVERYBODY, f"-A GUESTS -s 203.0.113.0/24 {TO_GUEST} -j ACCEPT"), "-A GUESTS"),
        # The jump is for the guest, and the rule is for a tunnel.
        ((f"-A FORWARD {TO_GUEST} -j GUESTS", "-A GUESTS -i wg0 -j ACCEPT"), "-A GUESTS -i wg0"),
    ],
)
def test_rule_in_another_chain(rules, named):
    assert found(*rules, policy="DROP").startswith(named)


@pytest.mark.parametrize(
    "rules",
    [
        (f"-A FORWARD -s 203.0.113.0/24 {TO_GUEST} -j RETURN", REFUSED),
        ("-A FORWARD -j GUESTS", f"-A GUESTS -s 203.0.113.0/24 {TO_GUEST} -j RETURN", "-A GUESTS -o virbr0 -j DROP"),
        (
            "-A FORWARD -j GUESTS",
            EVERYBODY,
            f"-A GUESTS -s 203.0.113.0/24 {TO_GUEST} -j RETURN",
            "-A GUESTS -o virbr0 -j DROP",
        ),
        ("-A FORWARD -g GUESTS", REFUSED, f"-A GUESTS -s 203.0.113.0/24 {TO_GUEST} -j RETURN", "-A GUESTS -j DROP"),
    ],
)
def test_rule_by_which_some_senders_get_past_a_refusal(rules):
    assert found(*rules) == next(rule for rule in rules if "RETURN" in rule)


@pytest.mark.parametrize("start", ["-A FORWARD -g GUESTS", "-A FORWARD -j ELSEWHERE"])
def test_senders_who_get_past_one_refusal_to_the_next(start):
    """A goto ends at the policy, whatever stands behind it."""
    returned = f"-A GUESTS -s 203.0.113.0/24 {TO_GUEST} -j RETURN"
    behind = () if "ELSEWHERE" in start else (EVERYBODY,)
    assert found(start, returned, "-A GUESTS -j DROP", *behind, "-A ELSEWHERE -g GUESTS", policy="DROP") == ""


def test_rule_in_a_chain_of_ufw():
    rule = f"-A ufw-user-forward -s 203.0.113.0/24 {TO_GUEST} -j ACCEPT"
    assert found("-A FORWARD -j ufw-user-forward", rule, *OF_UFW, policy="DROP") == rule


def test_ban_above_does_not_hide_it():
    bans = ("-A FORWARD -s 203.0.113.66/32 -j BANNED", "-A BANNED -j DROP", "-A FORWARD -s 203.0.113.67/32 -j DROP")
    assert found(*bans, SOME, policy="DROP") == SOME


@pytest.mark.parametrize(
    "rules",
    [
        # Nothing is refused.
        [],
        [SOME],
        [EVERYBODY, REFUSED],
        # The one for some is of no importance.
        [SOME, EVERYBODY, REFUSED],
        # As in the article: what was meant for everybody stands too low, and so does what stands beside it.
        [*LIBVIRT, EVERYBODY],
        [*LIBVIRT, SOME, EVERYBODY],
        # Nobody is let through at all.
        LIBVIRT,
        # Bans are for some senders, too.
        ["-A FORWARD -s 203.0.113.66/32 -j DROP", EVERYBODY, REFUSED],
        ["-A FORWARD -m set --match-set bans src -j DROP", EVERYBODY, REFUSED],
        ["-A FORWARD -i eth0 -s 8.0.0.0/8 -j DROP"],
        [f"-A FORWARD {TO_GUEST} -m set ! --match-set bans src -j ACCEPT", REFUSED],
        [f"-A FORWARD {TO_GUEST} -m geoip ! --source-country CN,RU -j ACCEPT", REFUSED],
        # Too many packets are refused, from whomever they are.
        [f"-A FORWARD {TO_GUEST} -m limit --limit 10/sec -j ACCEPT", REFUSED],
        [f"-A FORWARD {TO_GUEST} -m connlimit --connlimit-above 50 --connlimit-mask 32 -j DROP", EVERYBODY, REFUSED],
        [SOME, f"-A FORWARD {TO_GUEST} -m connlimit --connlimit-above 50 -j DROP", EVERYBODY, REFUSED],
        # What other networks of the host send, and what guests do.
        ["-A FORWARD -i docker0 ! -o docker0 -j ACCEPT", "-A FORWARD -s 192.168.122.0/24 -j ACCEPT", REFUSED],
        ["-A FORWARD -d 192.168.122.0/24 -i virbr0 -o virbr0 -j ACCEPT", REFUSED],
        # For other ports, guests and protocols.
        [SOME.replace("10000", "5349"), REFUSED],
        [SOME.replace(".120", ".121"), REFUSED],
        [SOME.replace("udp", "tcp"), REFUSED],
    ],
)
def test_no_restriction(rules):
    assert found(*rules) == ""


def test_interface_of_the_forward_is_not_one_of_some_senders():
    rules = (f"-A FORWARD -i eth1 {TO_GUEST} -j ACCEPT", "-A FORWARD -s 10.8.0.0/24 -j ACCEPT")
    assert found(*rules, policy="DROP", came="eth1") == ""
    assert found(*rules, policy="DROP") == rules[0]


def test_range_of_which_one_port_is_restricted():
    some, all_others = SOME, f"-A FORWARD -d {GUEST}/32 -p udp -m udp --dport 9999:10010 -j ACCEPT"
    refused = f"-A FORWARD {TO_GUEST} -j DROP"
    ports = to_guest(port="9999-10010")
    assert found(some, refused, all_others, policy="DROP", forward=ports) == SOME
    assert found(all_others, policy="DROP", forward=ports) == ""


def test_rules_of_the_collection_restrict_nobody_elses_forward():
    rule = SOME.replace("FORWARD", "PF-other-FWD")
    assert found("-A FORWARD -j PF-other-FWD", rule, REFUSED) == ""


def test_host_without_a_filter():
    filters = [Filter.of("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n")]
    assert restriction_of(filters, packet_to(to_guest(), None), 10000) == ""
