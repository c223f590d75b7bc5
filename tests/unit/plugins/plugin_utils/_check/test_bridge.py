# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bridge on its own machine, and several bridges among each other."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import bridge
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.prosody import DONE

ROOM = "jvbbrewery@internal.auth.a.test/meet"
STATUS = {
    "exists": True,
    "state": "active",
    "active": True,
    "started": "Thu 2026-10-01 12:00:00 UTC",
    "drop_ins": [],
}
STOPPED = {**STATUS, "state": "inactive", "active": False}
HELD = {**STOPPED, "drop_ins": ["/x/selfhosted-jitsi-unconfigured.conf"]}
FILES = {"port": 10000, "mappings": ["192.168.122.120 -> 198.51.100.10"], "rooms": [ROOM], "findings": []}
SOCKETS = {"enabled": True, "server_id": "meet"}
PAGE = {"name": "the bridge calls itself healthy", "ok": True, "expected": "200", "found": "200", "remedy": "Read"}
PART = {
    "at": "",
    "fqdn": "a.test",
    "local": "192.168.122.120",
    "public": ["198.51.100.10"],
    "port": 10000,
    "service": STATUS,
    "files": FILES,
    "websockets": SOCKETS,
    "oldest": "",
    "log": ["JVB 2026-10-01 12:00:01 Using X(face=192.168.122.120:9/udp, mask=198.51.100.10:9/udp)"],
    "health": [PAGE],
    "young": {},
    "listens": {},
    "room": [f"occupant\t{ROOM}", f"occupant\t{ROOM.partition('/')[0]}/focus", DONE],
    "last_words": [],
}
RUNS, LISTENS, MAPS = "jitsi-videobridge2 runs", "the bridge listens on udp/10000", "the bridge maps its address"
HEALTHY, THERE, AGREE = PAGE["name"], "the bridge is where jicofo looks for it", "the bridge's files agree"


def judged(**changes):
    return bridge.judge("meet", {**PART, **changes})


def row_of(name, **changes):
    return next(row for row in judged(**changes) if row.name == name)


def test_bridge_that_works_has_six_rows_that_are_right():
    rows = judged()
    assert [row.name for row in rows] == [RUNS, LISTENS, MAPS, HEALTHY, THERE, AGREE]
    assert all(row.ok for row in rows)
    assert [row.found for row in rows] == [
        "active",
        "it listens",
        "192.168.122.120 -> 198.51.100.10",
        "200",
        "in the room",
        "no contradiction",
    ]


def test_names_of_a_further_bridge_name_its_machine():
    assert [row.name for row in judged(at=" on far", port=10001, health=[])] == [
        "jitsi-videobridge2 runs on far",
        "the bridge on far listens on udp/10001",
        "the bridge on far maps its address",
        "the bridge on far is where jicofo looks for it",
        "the bridge's files agree on far",
    ]


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (STOPPED, "inactive"),
        (HELD, "held back until it is configured"),
        ({**STOPPED, "exists": False}, "not installed"),
        ({**STOPPED, "state": "failed"}, "failed"),
    ],
)
def test_bridge_that_is_down_says_so_in_three_rows_and_has_no_port(status, found):
    rows = {row.name: row for row in judged(service=status)}
    assert (rows[RUNS].ok, rows[RUNS].found) == (False, found)
    assert "journalctl -u jitsi-videobridge2 on meet" in rows[RUNS].remedy
    assert rows[MAPS].found == rows[THERE].found == "the bridge is not running"
    assert not rows[MAPS].ok
    assert not rows[THERE].ok
    assert LISTENS not in rows


def test_port_that_another_has_is_wrong():
    missing = "it does not listen on udp/10000"
    row = row_of(LISTENS, listens={"jitsi-videobridge2": missing}, files={**FILES, "port": 20000})
    assert (row.ok, row.found) == (False, "it does not listen on udp/10000; its files say 20000")
    assert "Stop what has the port on meet" in row.remedy


def test_mapping_is_judged_by_the_log():
    row = row_of(MAPS, log=[])
    assert (row.ok, row.found) == (False, "no mapping in its log since 2026-10-01 12:00:00")
    assert row_of(MAPS, log=[], oldest="JVB 2026-10-09 00:00:01 tick").found.startswith("not judged")


def test_health_page_is_a_row_where_there_is_one():
    assert HEALTHY not in [row.name for row in judged(health=[{**PAGE, "ok": False, "found": "connection refused"}])]
    row = row_of(HEALTHY, health=[{**PAGE, "ok": False, "found": "500"}])
    assert (row.ok, row.found, row.remedy) == (False, "500", "Read")


def test_early_answer_of_the_health_page_proves_nothing():
    for words in ("200 came before its first check", "its log says: No valid IP addresses"):
        row = row_of(HEALTHY, young={"jitsi-videobridge2": words})
        assert (row.ok, row.found, row.expected) == (False, words, "200")
    assert row_of(HEALTHY, young={"jitsi-videobridge2": "it does not listen on udp/10000"}).ok


def test_bridge_that_is_not_in_its_room_is_wrong_with_the_cause():
    row = row_of(THERE, room=[DONE], last_words=["SASLError: not-authorized"])
    assert (row.ok, row.expected) == (False, f"in {ROOM}")
    assert row.found == "not in the room: prosody rejects its password"
    assert row_of(THERE, room=[]).found == "not judged: prosody's shell does not answer"


def test_files_that_contradict_each_other_are_wrong():
    row = row_of(AGREE, files={**FILES, "findings": ["one thing", "another"]})
    assert (row.ok, row.expected, row.found) == (False, "no contradiction", "one thing; another")
    assert "selfhosted.jitsi.site" in row.remedy


def other(**files):
    own = {"mappings": ["192.168.122.121 -> 198.51.100.10"], "rooms": [f"{ROOM}2"], "port": 10001}
    return ("far", {**PART, "files": {**FILES, **own, **files}, "websockets": {"enabled": True, "server_id": "far"}})


def test_bridges_that_share_nothing_are_right():
    row = bridge.judge_conflicts([("meet", PART), other()])
    assert (row.name, row.ok) == ("the bridges keep out of each other's way", True)
    assert row.expected == row.found == "for each a port and a name of its own"


def test_bridges_that_claim_the_same_are_wrong():
    row = bridge.judge_conflicts([("meet", PART), other(port=10000, rooms=[ROOM])])
    assert not row.ok
    assert row.found.count("meet and far both claim") == 2
    assert "videobridge_muc_nickname" in row.remedy


@pytest.mark.parametrize(("enabled", "ok"), [(True, False), (False, True)])
def test_websockets_of_one_name_are_wrong_only_where_they_are_on(enabled, ok):
    name, part = other()
    part = {**part, "websockets": {"enabled": enabled, "server_id": "meet"}}
    assert bridge.judge_conflicts([("meet", PART), (name, part)]).ok is ok


@pytest.mark.parametrize(
    ("at", "missing", "found"),
    [
        ("", {}, "it listens"),
        (" on far", {bridge.UNIT: "it does not listen on tcp/4443"}, "it does not listen on tcp/4443"),
    ],
)
def test_port_for_clients_without_udp_is_one_row(at, missing, found):
    (row,) = bridge.judge_tcp("meet", {"at": at, "missing": missing})
    assert (row.name, row.ok, row.found) == (f"the bridge{at} listens on tcp/4443", not missing, found)
    assert "jitsi_meet_coturn" in row.remedy and "DISABLE_TCP_HARVESTER" in row.remedy
