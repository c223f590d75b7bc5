# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a datagram was lost, and whether it kept its sender's address."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import datagram

BRIDGE = "udp/10000: reaches the bridge"
HOST = "udp/10000: reaches the host"
SENT = {
    "name": "udp/10000: a datagram can be sent",
    "ok": True,
    "expected": "datagram sent",
    "found": "sent from 198.51.100.20:4000",
    "remedy": "Give it a way to the Internet",
    "source": "198.51.100.20",
}
ARRIVED = {"received": True, "source": "198.51.100.20", "source_port": 4000}
MISSED = {"received": False, "source": ""}
TRY = {"machine": "meet", "port": 10000, "at": "", "from": "", "public_address": "198.51.100.10", "sent": [SENT] * 3}


@pytest.mark.parametrize(
    ("received", "source", "sent_from", "ok"),
    [
        (True, "198.51.100.20", "198.51.100.20", True),
        (True, "192.168.122.1", "198.51.100.20", False),
        (False, "", "198.51.100.20", False),
        # A sender behind NAT of its own shows an address that it does not know.
        (True, "203.0.113.7", "192.168.1.5", True),
        (True, "192.168.122.1", "192.168.1.5", False),
        (True, "198.51.100.10", "192.168.1.5", False),
        (True, "10.0.0.5", "10.0.0.5", True),
    ],
)
def test_a_datagram_keeps_its_senders_address(received, source, sent_from, ok):
    verdict = datagram.judge_datagram("udp", received, source, sent_from, "198.51.100.10")
    assert verdict.ok is ok
    assert verdict.remedy == (datagram.REWRITTEN if received else datagram.NOT_RECEIVED)


def rows(**changes):
    return [(row.name, row.ok, row.found) for row in datagram.judge_try({**TRY, **changes})]


def test_datagram_that_arrives_is_right_at_the_host_and_at_the_bridge():
    assert rows(captured=[ARRIVED, ARRIVED]) == [
        (HOST, True, "arrived"),
        (BRIDGE, True, "arrived from 198.51.100.20"),
    ]
    (row,) = datagram.judge_try({**TRY, "captured": [ARRIVED]})
    assert (row.name, row.expected) == (BRIDGE, "arrives from 198.51.100.20")


def test_datagram_that_the_host_has_seen_is_lost_behind_it():
    assert rows(captured=[MISSED, ARRIVED]) == [(HOST, True, "arrived"), (BRIDGE, False, "did not arrive")]


def test_datagram_that_the_host_has_not_seen_is_lost_before_it():
    first, _second = datagram.judge_try({**TRY, "captured": [MISSED, MISSED]})
    assert (first.ok, first.expected, first.found) == (False, "arrived", "did not arrive")
    assert "198.51.100.10 is the host's address" in first.remedy


def test_datagram_that_cannot_be_sent_is_one_more_row():
    unsent = {**SENT, "ok": False, "found": "not sent, no route", "source": ""}
    found = rows(sent=[unsent] * 3, captured=[MISSED])
    assert found == [(SENT["name"], False, "not sent, no route"), (BRIDGE, False, "did not arrive")]


def test_rows_of_several_machines_are_told_apart():
    more = {"at": " on far", "from": " from out", "port": 10001}
    assert [name for name, _ok, _found in rows(**more, captured=[ARRIVED, ARRIVED])] == [
        "udp/10001: reaches the host from out",
        "udp/10001: reaches the bridge on far from out",
    ]


def test_captures_that_fail_name_each_reason_once():
    failed = {"failed": True, "msg": "no root"}
    (row,) = datagram.judge_try({**TRY, "captured": [failed, failed]})
    assert (row.name, row.ok, row.expected) == (BRIDGE, False, "to be watched for on meet")
    assert row.found == "no root"
    assert "packet sockets" in row.remedy
    assert rows(captured=[ARRIVED, {"failed": True, "msg": ""}]) == [(BRIDGE, False, "no answer")]


def test_machine_that_is_lost_while_it_captures_is_named_with_its_error():
    gone = {"unreachable": True, "msg": "Connection refused"}
    for captured in ([gone, ARRIVED], [ARRIVED, gone], [gone, gone]):
        assert rows(captured=captured) == [(BRIDGE, False, "Connection refused")]


def test_every_bridge_has_its_rows():
    part = {"tries": [{**TRY, "captured": [ARRIVED]}, {**TRY, "port": 10001, "captured": [MISSED]}]}
    assert [row.ok for row in datagram.judge("out", part)] == [True, False]
