# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of a name, judged."""

from __future__ import annotations

import re

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.dns import DnsSeen, judge_dns
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import ProbeError, check_request

RIGHT, WRONG, V6 = "198.51.100.1", "192.0.2.9", "2001:db8::1"
REQUEST = {"name": "name", "kind": "dns", "domain": "meet.test", "expect_address": RIGHT, "remedy": ""}
ADD = f"Add an A record for meet.test with {RIGHT} at your DNS provider"
CHANGE = f"Change the A record of meet.test to {RIGHT} at your DNS provider"
REMOVE = "Remove the AAAA record of meet.test, because the site serves IPv4 only, or make port 443 of"
ELSEWHERE = "; if it does, check from a machine that has IPv6"
SILENT = "does not answer"


def test_each_of_several_addresses_will_do():
    several = {**REQUEST, "expect_address": f"{RIGHT} {WRONG}"}
    check_request(several, "probes[0]")
    assert judge_dns(several, DnsSeen((WRONG,))).ok
    assert judge_dns(several, DnsSeen((RIGHT, WRONG))).ok
    verdict = judge_dns(several, DnsSeen((RIGHT, "192.0.2.7")))
    assert (verdict.ok, verdict.remedy) == (False, f"Remove the A records of meet.test other than {RIGHT} and {WRONG}")


@pytest.mark.parametrize(
    ("seen", "ok", "found", "remedy"),
    [
        (DnsSeen((RIGHT,)), True, RIGHT, ""),
        (DnsSeen((RIGHT,), ((V6, ""),)), True, f"{RIGHT}, and {V6}, which answers", ""),
        (DnsSeen(), False, "does not resolve", ADD),
        (DnsSeen((WRONG,)), False, WRONG, CHANGE),
        (DnsSeen(("192.168.122.120",)), False, "192.168.122.120", CHANGE),
        (
            DnsSeen((RIGHT, WRONG)),
            False,
            f"{RIGHT} and {WRONG}",
            f"Remove the A records of meet.test other than {RIGHT}",
        ),
        (DnsSeen((WRONG, "192.0.2.8", "192.0.2.7")), False, f"{WRONG}, 192.0.2.8 and 192.0.2.7", CHANGE),
        (
            DnsSeen((RIGHT,), ((V6, SILENT),)),
            False,
            f"{RIGHT}, and {V6}, which does not answer",
            f"{REMOVE} {V6} answer{ELSEWHERE}",
        ),
        (
            DnsSeen((), ((V6, SILENT), ("2001:db8::2", SILENT), ("2001:db8::3", ""))),
            False,
            f"no IPv4 address, and {V6}, which does not answer, and 2001:db8::2, which does not answer,"
            " and 2001:db8::3, which answers",
            f"{ADD}. {REMOVE} {V6} and 2001:db8::2 answer{ELSEWHERE}",
        ),
        (DnsSeen(error="no resolver"), False, "look-up failed: no resolver", "Check the DNS resolver"),
    ],
)
def test_addresses_are_judged(seen, ok, found, remedy):
    assert judge_dns(REQUEST, seen).row() == {
        "name": "name",
        "ok": ok,
        "expected": RIGHT,
        "found": found,
        "remedy": remedy,
    }


def test_the_requests_own_remedy_wins():
    assert judge_dns({**REQUEST, "remedy": "Ask Anna"}, DnsSeen()).remedy == "Ask Anna"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"domain": ""}, "domain: no value, but kind dns requires one"),
        ({"expect_address": None}, "expect_address: no value, but kind dns requires one"),
        ({"domain": "https://meet.test/"}, "domain: 'https://meet.test/' is not a name of DNS"),
        ({"expect_address": "meet.test"}, "expect_address: 'meet.test' is not an IPv4 address"),
        ({"expect_address": V6}, f"expect_address: '{V6}' is not an IPv4 address"),
        ({"expect_address": f"{RIGHT} meet.test"}, "expect_address: 'meet.test' is not an IPv4 address"),
        ({"expect_address": " "}, "expect_address: ' ' is not an IPv4 address"),
    ],
)
def test_a_look_up_that_cannot_be_made_is_refused(change, words):
    with pytest.raises(ProbeError, match=re.escape(f"probes[0].{words}")):
        check_request({**REQUEST, **change}, "probes[0]")
