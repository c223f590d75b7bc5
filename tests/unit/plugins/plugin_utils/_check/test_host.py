# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the host's forwards, now and after a reboot."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.persistence import KEPT_FILES, UNITS
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.host import differing_rules, judge

UDP = "-A PF-jitsi-DNAT -d 198.51.100.10/32 -p udp -m udp --dport 10000 -j DNAT --to-destination 192.168.122.120"
WEB = "-A PF-jitsi-DNAT -d 198.51.100.10/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 192.168.122.100"
JUMP = "-A PREROUTING -j PF-jitsi-DNAT"
UNIT = "port-forwards.service"
RIGHT = {"changed": False, "commands": [], "diff": []}


def changed(before, after):
    texts = {"before": "\n".join(before), "after": "\n".join(after), "before_header": "nat", "after_header": "nat"}
    return {"changed": True, "commands": ["*nat", *after, "COMMIT"], "diff": [texts]}


def kept(name, before):
    texts = {"before": before, "after": "right\n", "before_header": name, "after_header": name}
    return {"commands": [], "diff": [texts]}


def rows(forwards=None, forwarding="1\n", kept=True):
    part = {"forwarding": forwarding, "kept_forwarding": kept, "forwards": forwards or RIGHT}
    return {row.name: row for row in judge("host", part)}


def wrong(**part):
    return {name: row.found for name, row in rows(**part).items() if not row.ok}


def test_host_that_is_right_has_three_rows_in_order():
    assert list(rows()) == [
        "host forwards IPv4",
        "host has the forwards of the inventory",
        "host keeps the forwards for the next boot",
    ]
    assert wrong() == {}


@pytest.mark.parametrize("value", ["0", "0\n", ""])
def test_kernel_that_does_not_forward(value):
    assert wrong(forwarding=value) == {"host forwards IPv4": f"net.ipv4.ip_forward = {value.strip()}"}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([WEB], [WEB, UDP], f"missing: {UDP}"),
        ([WEB, UDP], [WEB], f"also: {UDP}"),
        ([UDP], [WEB], f"missing: {WEB}; also: {UDP}"),
        ([WEB, UDP], [UDP, WEB], "the rules stand at another place"),
        ([], [f"{UDP}{n}" for n in range(5)], f"missing: {UDP}0, {UDP}1, {UDP}2 and 2 more"),
    ],
)
def test_rules_that_differ_are_named(before, after, found):
    assert wrong(forwards=changed(before, after)) == {"host has the forwards of the inventory": found}


def test_rules_that_the_module_refuses_are_named_in_its_words():
    found = wrong(forwards={"failed": True, "msg": "udp port 10000 is forwarded elsewhere"})
    assert found == {"host has the forwards of the inventory": "udp port 10000 is forwarded elsewhere"}


@pytest.mark.parametrize(
    ("kept", "forwards", "words"),
    [
        (False, RIGHT, ["the file that sets net.ipv4.ip_forward"]),
        (True, kept(UNIT, "disabled\n"), ["port-forwards.service is disabled"]),
        (True, kept(KEPT_FILES, ""), ["the kept files are missing"]),
        (False, kept(KEPT_FILES, "{}"), ["the file that sets net.ipv4.ip_forward", "the kept files differ"]),
    ],
)
def test_what_a_reboot_would_end(kept, forwards, words):
    found = wrong(kept=kept, forwards=forwards)
    assert list(found) == ["host keeps the forwards for the next boot"]
    assert all(word in found["host keeps the forwards for the next boot"] for word in words)


def test_only_rules_count_as_differences():
    entry = {"before_header": "nat", "before": ":PF-jitsi-DNAT - [0:0]\n" + WEB, "after": "*nat\n" + WEB + "\n" + JUMP}
    assert differing_rules([entry]) == ([JUMP], [])


def test_units_of_the_diff_are_those_of_the_module():
    assert UNIT in UNITS


def test_rules_of_libvirts_table_are_named():
    rule = "add rule ip libvirt_network forward jump PF-jitsi-FWD"
    found = wrong(forwards=changed([WEB], [WEB, rule]))
    assert found == {"host has the forwards of the inventory": f"missing: {rule}"}


def test_host_that_cannot_be_compared_is_not_judged_for_the_next_boot():
    row = rows(forwards={"failed": True, "msg": "no"})["host keeps the forwards for the next boot"]
    assert (row.ok, row.found) == (True, "not judged: the forwards cannot be compared")
