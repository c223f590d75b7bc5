# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.libvirt import plan, plan_back, ruleset
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import parse_request

WEB = {"protocol": "tcp", "port": "443", "to": "192.168.122.100"}
# What nft 1.1.3 prints for the table of libvirt 11.3.
LISTING = """table ip libvirt_network { # handle 7
    chain forward { # handle 1
        type filter hook forward priority filter; policy accept;
%s        counter packets 12 bytes 345 jump guest_cross # handle 7
        counter packets 0 bytes 0 jump guest_input # handle 5
    }

    chain guest_input { # handle 4
        oif "virbr0" ip daddr 192.168.122.0/24 ct state established,related counter packets 0 bytes 0 accept # handle 13
        oif "virbr0" counter packets 0 bytes 0 reject # handle 10
    }
%s}
""".replace("    ", "\t")
JUMP = "\t\tjump PF-j-FWD # handle 21\n"
OWN = """
    chain PF-j-FWD { # handle 20
        ip saddr 192.168.122.0/24 ct status dnat ct direction reply accept # handle 22
        ip daddr 192.168.122.100 tcp dport 443 ct status dnat accept # handle 23
    }
""".replace("    ", "\t")
IN_PLACE = LISTING % (JUMP, OWN)
BARE = LISTING % ("", "")
RULES = [
    "add rule ip libvirt_network PF-j-FWD ip saddr 192.168.122.0/24 ct status dnat ct direction reply accept",
    "add rule ip libvirt_network PF-j-FWD ip daddr 192.168.122.100 tcp dport 443 ct status dnat accept",
]
MAKE = ["add chain ip libvirt_network PF-j-FWD", "flush chain ip libvirt_network PF-j-FWD", *RULES]
INSERT = "insert rule ip libvirt_network forward position 7 jump PF-j-FWD"


def decide(*forwards, listing=BARE):
    right = {"name": "j", "public_address": "198.51.100.10", "network": "192.168.122.0/24"}
    return plan("j", parse_request({**right, "forwards": forwards}), listing)


def fed(outcome):
    return ruleset(outcome).splitlines()


def test_an_own_chain_is_made_and_entered_first():
    outcome = decide(WEB)
    assert fed(outcome) == [*MAKE, INSERT]
    assert outcome.before.render() == ""


def test_what_is_there_is_left_alone():
    outcome = decide(WEB, listing=IN_PLACE)
    assert not outcome.changed
    assert ruleset(outcome) == ""


def test_sources_and_ranges():
    forward = {"protocol": "udp", "port": "80-90", "to_port": "8080-8090", "to": "192.168.122.120"}
    rules = fed(decide({**forward, "sources": ["10.0.0.0/8", "203.0.113.5"]}))[3:-1]
    assert rules == [
        f"add rule ip libvirt_network PF-j-FWD ip saddr {source} ip daddr 192.168.122.120 udp dport 8080-8090"
        " ct status dnat accept"
        for source in ("10.0.0.0/8", "203.0.113.5")
    ]


def test_a_jump_below_libvirts_own_is_moved():
    text = BARE.replace("jump guest_input # handle 5\n", "jump guest_input # handle 5\n" + JUMP).replace(
        "}\n\n", "}\n" + OWN
    )
    outcome = decide(WEB, listing=text)
    assert fed(outcome) == [*MAKE, "delete rule ip libvirt_network forward handle 21", INSERT]
    assert "counter jump guest_cross" in outcome.before.render()


def test_other_owners_may_stand_above():
    assert not decide(WEB, listing=IN_PLACE.replace(JUMP, "\t\tjump PF-k-FWD # handle 30\n" + JUMP)).changed


@pytest.mark.parametrize("request_of_none", [True, False])
def test_nothing_is_left_where_nothing_is_forwarded(request_of_none):
    outcome = plan("j", None, IN_PLACE) if request_of_none else decide(listing=IN_PLACE)
    assert fed(outcome) == [
        "delete rule ip libvirt_network forward handle 21",
        "flush chain ip libvirt_network PF-j-FWD",
        "delete chain ip libvirt_network PF-j-FWD",
    ]


def test_chains_of_others_are_others():
    assert not plan("k", None, IN_PLACE).changed


def test_what_was_there_before_comes_back():
    change = decide({**WEB, "port": "80"}, listing=IN_PLACE)
    now = IN_PLACE.replace("dport 443", "dport 80")
    assert fed(plan_back(change.before, now)) == [*MAKE, "delete rule ip libvirt_network forward handle 21", INSERT]
    assert not plan_back(change.before, IN_PLACE).changed


def test_nothing_comes_back_where_nothing_was():
    assert fed(plan_back(decide(WEB).before, IN_PLACE))[-1] == "delete chain ip libvirt_network PF-j-FWD"


def test_the_jump_goes_back_to_where_it_was():
    ban = "\t\tip saddr 203.0.113.66 counter packets 3 bytes 4 drop # handle 40\n"
    change = decide(WEB, listing=LISTING % (JUMP + ban, OWN))
    back = plan_back(change.before, LISTING % (ban + JUMP, OWN))
    assert fed(back)[-1] == "insert rule ip libvirt_network forward position 40 jump PF-j-FWD"


def test_what_an_administrator_refuses_in_libvirt_s_chain_stays_above():
    ban = "\t\tip saddr 203.0.113.66 counter packets 3 bytes 4 drop # handle 40\n"
    outcome = decide(WEB, listing=LISTING % (JUMP + ban, OWN))
    assert fed(outcome) == [*MAKE, "delete rule ip libvirt_network forward handle 21", INSERT]
    assert outcome.after.jumps == ("ip saddr 203.0.113.66 counter drop", "jump PF-j-FWD")
    assert not decide(WEB, listing=LISTING % (ban + JUMP, OWN)).changed


def test_without_libvirt_s_jumps_the_end_is_the_place():
    empty = "table ip libvirt_network { # handle 7\n\tchain forward { # handle 1\n\t}\n}\n"
    assert fed(decide(WEB, listing=empty))[-1] == "add rule ip libvirt_network forward jump PF-j-FWD"
