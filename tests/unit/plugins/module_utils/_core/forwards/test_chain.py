# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.chain import place, refuses

JUMP = "-A FORWARD -j PF-j-FWD"
BAN = "-A FORWARD -s 203.0.113.66/32 -j REJECT --reject-with icmp-port-unreachable"
LIBVIRT = ["-A FORWARD -j LIBVIRT_FWX", "-A FORWARD -j LIBVIRT_FWI", "-A FORWARD -j LIBVIRT_FWO"]
GUESTS = IPv4Network("192.168.122.0/24")


def decide(*lines, **chains):
    chains = {name.replace("_", "-"): [f"-A {name} {rule}" for rule in rules] for name, rules in chains.items()}
    return place({"FORWARD": lines, **chains}, [JUMP], ["PF-j-FWD"], GUESTS)


def number(*rules, **chains):
    """Where the jump goes among these rules of FORWARD; 0 for the end."""
    return decide(*(f"-A FORWARD {rule}" for rule in rules), **chains).number


@pytest.mark.parametrize(
    "ban",
    [
        "-s 203.0.113.66/32 -j DROP",
        "-i eth0 ! -s 203.0.113.0/24 -j REJECT --reject-with icmp-port-unreachable",
        "-m set --match-set blocklist src -j DROP",
        "-m conntrack --ctstate INVALID -j DROP",
        "-p tcp -m tcp --dport 25 -j DROP",
        "-p tcp -m multiport --dports 80,443 -j REJECT --reject-with tcp-reset",
        "-m mark --mark 0x1 -j DROP",
        "-m geoip --source-country AA -j DROP",
        "-d 10.0.0.5/32 -j DROP",
        "-d 10.0.0.5/255.0.0.255 -j DROP",
        "-j NFQUEUE --queue-num 0",
        '-m comment --comment "a \\" -j DROP" -s 203.0.113.66/32 -j DROP',
    ],
)
def test_what_an_administrator_refuses_stays_above(ban):
    assert number(ban, "-j LIBVIRT_FWI") == 2
    assert number("-j ACCEPT -i lo", ban, ban, "-j DROP") == 4
    assert number(ban) == 0


@pytest.mark.parametrize(
    "rule",
    [
        "-j LIBVIRT_FWX",
        "-j DOCKER-ISOLATION-STAGE-1",
        "-j DOCKER-FORWARD",
        '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
        "-j ufw-after-logging-forward",
        "-j FORWARD_IN_ZONES",
        "-j DROP",
        "-o virbr0 -j REJECT --reject-with icmp-port-unreachable",
        "-p tcp -j REJECT --reject-with tcp-reset",
        "-m conntrack --ctstate NEW -j DROP",
        "-m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP",
        "-d 192.168.0.0/16 -j REJECT --reject-with icmp-port-unreachable",
        "-i eth0 -o virbr0 -m comment --comment closed -j DROP",
    ],
)
def test_the_jump_stands_above_what_refuses_everybody(rule):
    assert number("-s 203.0.113.66/32 -j DROP", rule, "-s 203.0.113.67/32 -j DROP") == 2
    assert refuses({"FORWARD": [f"-A FORWARD {rule}"]})


def test_a_chain_is_judged_by_what_is_in_it():
    ban, closed = "-s 203.0.113.66/32 -j DROP", "-j DROP"
    assert number("-j MINE", "-j DROP", MINE=[ban, "-j RETURN"]) == 2
    assert number("-j MINE", "-j DROP", MINE=[ban, closed]) == 1
    assert number("-j MINE", "-j DROP", MINE=[ban, "-j RETURN", closed]) == 2
    assert number("-p tcp -m tcp --dport 443 -j MINE", "-j DROP", MINE=[closed]) == 2
    assert number("-j MINE", "-j DROP", MINE=["-j THEIRS"], THEIRS=[closed]) == 1


def test_a_chain_that_lets_some_sources_through_refuses_the_others_on_purpose():
    assert number("-j MINE", "-j DROP", MINE=["-s 203.0.113.0/24 -j RETURN", "-j DROP"]) == 2
    assert number("-j MINE", "-j DROP", MINE=["-m conntrack --ctstate ESTABLISHED -j RETURN", "-j DROP"]) == 1


def test_docker_s_chain_for_the_administrator_is_the_administrator_s():
    assert number("-j DOCKER-USER", "-j DOCKER-FORWARD", DOCKER_USER=["-s 203.0.113.66/32 -j DROP"]) == 2


def test_a_chain_that_calls_itself_is_no_trouble():
    assert number("-j MINE", MINE=["-j MINE"]) == 0


def test_the_end_is_the_place_where_nobody_refuses():
    assert decide().number == 1
    assert number("-i lo -j ACCEPT") == 0


@pytest.mark.parametrize(
    "lines",
    [
        [JUMP],
        [JUMP, *LIBVIRT],
        [BAN, JUMP, *LIBVIRT, BAN],
        [JUMP, "-A FORWARD -j PF-k-FWD", *LIBVIRT],
        ["-A FORWARD -j PF-k-FWD", JUMP, *LIBVIRT],
        [JUMP, "-A FORWARD -i lo -j ACCEPT", *LIBVIRT],
        [BAN, JUMP, "-A FORWARD -j LOG"],
    ],
)
def test_a_jump_that_stands_right_is_left_alone(lines):
    decided = decide(*lines)
    assert decided.before == decided.after == (JUMP,)


@pytest.mark.parametrize(
    ("lines", "before", "after"),
    [
        ([*LIBVIRT, JUMP], [*LIBVIRT, JUMP], [JUMP, *LIBVIRT]),
        ([BAN, *LIBVIRT, BAN, JUMP], [*LIBVIRT, BAN, JUMP], [JUMP, *LIBVIRT, BAN]),
        ([JUMP, BAN, *LIBVIRT], [JUMP, BAN], [BAN, JUMP]),
        (
            [JUMP, "-A FORWARD -j f2b-jitsi", *LIBVIRT],
            [JUMP, "-A FORWARD -j f2b-jitsi"],
            ["-A FORWARD -j f2b-jitsi", JUMP],
        ),
        ([BAN, JUMP, *LIBVIRT, JUMP], [JUMP, *LIBVIRT, JUMP], [JUMP, *LIBVIRT]),
        ([JUMP, BAN], [JUMP, BAN], [BAN, JUMP]),
    ],
)
def test_a_jump_that_stands_wrong_is_moved(lines, before, after):
    decided = decide(*lines)
    assert list(decided.before) == before
    assert list(decided.after) == after


def test_an_administrator_s_rule_that_no_forwarded_packet_reaches_is_named():
    chains = {"f2b-jitsi": ["-A f2b-jitsi -s 203.0.113.66/32 -j DROP", "-A f2b-jitsi -j RETURN"]}
    lines = [BAN, *LIBVIRT, BAN, "-A FORWARD -j f2b-jitsi", "-A FORWARD -j ufw-before-forward", "-A FORWARD -j DROP"]
    decided = place({"FORWARD": lines, **chains}, [JUMP], ["PF-j-FWD"], GUESTS)
    assert decided.unreached == (BAN, "-A FORWARD -j f2b-jitsi")


#: As the text that is copied most for docker beside ufw has it.
UFW_DOCKER = [
    "-j ufw-user-forward",
    "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
    "-i docker0 -o docker0 -j ACCEPT",
    "-s 10.0.0.0/8 -j RETURN",
    "-s 172.16.0.0/12 -j RETURN",
    "-s 192.168.0.0/16 -j RETURN",
    "-p udp -m udp --sport 53 --dport 1024:65535 -j RETURN",
    "-d 192.168.0.0/16 -m conntrack --ctstate NEW -j DENY",
    "-j RETURN",
]


def test_a_chain_that_spares_private_senders_refuses_everybody():
    assert number("-j DOCKER-USER", "-j DOCKER-FORWARD", DOCKER_USER=UFW_DOCKER, DENY=["-j DROP"]) == 1


@pytest.mark.parametrize(
    "rule",
    [
        "-p icmp -j DROP",
        "-i virbr1 -o virbr0 -j REJECT --reject-with icmp-port-unreachable",
        "-o docker0 -j DROP",
        "! -d 192.168.122.0/24 -j DROP",
        "-d 192.168.122.50/32 -j DROP",
    ],
)
def test_a_rule_about_other_packets_is_not_stood_above(rule):
    assert number(rule, "-m set --match-set ban src -j DROP", "-j LIBVIRT_FWI") == 3


@pytest.mark.parametrize("chain", ["FORWARD_bans", "DOCKER-BLOCK"])
def test_a_chain_that_is_called_like_a_program_s_is_judged_by_its_content(chain):
    chains = {"FORWARD": [f"-A FORWARD -j {chain}", *LIBVIRT], chain: [f"-A {chain} -s 203.0.113.66/32 -j DROP"]}
    assert place(chains, [JUMP], ["PF-j-FWD"], GUESTS).number == 2


def test_a_rule_that_lets_only_some_senders_pass_is_named():
    alone = "-A FORWARD -i eth0 ! -s 203.0.113.0/24 -j DROP"
    chains = {"DOCKER-USER": ["-A DOCKER-USER -i eth0 -m set ! --match-set office src -j DROP"]}
    lines = [BAN, alone, "-A FORWARD -j DOCKER-USER", *LIBVIRT]
    decided = place({"FORWARD": lines, **chains}, [JUMP], ["PF-j-FWD"], GUESTS)
    assert decided.number == 4
    assert decided.exclusive == (alone, "-A FORWARD -j DOCKER-USER")


def test_a_jump_that_goes_back_stands_above_the_rule_that_came_next():
    later = [BAN, *LIBVIRT, JUMP]
    decided = place({"FORWARD": later}, [JUMP], ["PF-j-FWD"], GUESTS, BAN)
    assert (decided.number, list(decided.after)) == (1, [JUMP, BAN, *LIBVIRT])
    assert place({"FORWARD": later}, [JUMP], ["PF-j-FWD"], GUESTS, "-A FORWARD -j GONE").number == 2
    assert place({"FORWARD": [BAN, *LIBVIRT]}, [JUMP], ["PF-j-FWD"], GUESTS, "").number == 0
