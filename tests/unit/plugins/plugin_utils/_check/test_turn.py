# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The TURN server: what clients are told, whether it can be tried, and whether it relays."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import turn
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.prosody import DONE

WAY = {"type": "turn", "host": "a.test", "port": 3478, "transport": "udp"}
FAILURE = {"task": "Create credentials as prosody does", "message": "no secret", "censored": False}
ANSWER = {"name": "udp/3478: the TURN server answers", "ok": True, "expected": "an answer", "found": "x", "remedy": "r"}


def test_what_clients_are_told_is_one_row():
    part = {"told": ["service\ta.test\tturn\ta.test\t3478\tudp", DONE], "hosts": ["a.test"], "ways": [WAY]}
    (row,) = turn.judge_announcement("meet", part)
    assert (row.name, row.ok) == ("prosody tells clients of the TURN server", True)
    (row,) = turn.judge_announcement("meet", {**part, "told": [DONE]})
    assert (row.ok, row.found) == (False, "nothing for clients of a.test")
    assert "external_services" in row.remedy


def test_credentials_are_a_row_only_if_there_are_none():
    assert turn.judge_credentials("meet", {"secret_file": "/x.lua"}) == []
    (row,) = turn.judge_credentials("meet", {"secret_file": "/x.lua", "failure": FAILURE})
    assert (row.name, row.ok) == ("the TURN server can be tried", False)
    assert (row.expected, row.found) == ("Create credentials as prosody does", "no secret")
    assert "/x.lua on meet has external_service_secret" in row.remedy


def test_censored_message_is_not_shown():
    (row,) = turn.judge_credentials("meet", {"secret_file": "/x.lua", "failure": {**FAILURE, "censored": True}})
    assert row.found == "it failed"


def test_answers_come_before_relays():
    relayed = {**ANSWER, "name": "relay", "ok": False}
    rows = turn.judge_relay("out", {"from": "", "answered": [ANSWER], "relayed": [relayed]})
    assert [(row.name, row.ok) for row in rows] == [(ANSWER["name"], True), ("relay", False)]


def test_server_that_cannot_be_tried_is_one_row():
    (row,) = turn.judge_relay("out", {"from": " from out", "failure": {**FAILURE, "message": ""}})
    assert (row.name, row.ok, row.found) == ("the TURN server can be tried from out", False, "it failed")
    assert row.remedy == "Correct what the message names and check again"
