# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows about machines and subjects of which too little was seen."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import failures


def test_failed_task_and_its_message_are_named():
    row = failures.unread("meet can be looked at", {"task": "Read a file", "message": "no become"}, failures.LOOK)
    assert (row.name, row.ok, row.expected, row.found) == ("meet can be looked at", False, "Read a file", "no become")
    assert "become, or its password" in row.remedy
    assert failures.unread("x", {"task": "Read a file"}, "").found == "it failed"


def test_machine_that_does_not_answer_is_named_with_its_error():
    row = failures.unreached("meet", {"unreachable": True, "msg": "Connection refused"})
    assert (row.name, row.ok) == ("meet is reached", False)
    assert (row.expected, row.found) == ("an answer over ssh", "Connection refused")
    assert "ssh access of meet" in row.remedy
    assert failures.unreached("meet", {}).found == "no answer"


def test_machine_that_was_lost_midway_says_after_what():
    row = failures.lost("meet", ["bridge", "services"])
    assert (row.name, row.ok) == ("meet is checked to the end", False)
    assert (row.expected, row.found) == ("all of its results", "lost midway, after: bridge, services")
    assert "last task on meet" in row.remedy
    assert failures.lost("meet", []).found == "lost midway, before its first result"
