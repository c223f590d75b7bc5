# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Apache has to allow as many connections as its sites need."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import workers


@pytest.mark.parametrize(
    ("before", "owed", "ok", "found"),
    [
        (384, False, True, "room for 384 connections"),
        (400, False, True, "room for 400 connections"),
        (150, False, False, "room for 150 connections"),
        (150, True, False, "room for 150 connections"),
        (384, True, False, "room for 384 connections, which counts only after a restart"),
    ],
)
def test_room_counts_once_apache_has_it(before, owed, ok, found):
    size = {"room": 384, "room_before": before, "restart_owed": owed}
    (row,) = workers.judge("proxy", {"size": size, "participants": 100})
    assert (row.name, row.expected) == ("proxy holds the WebSockets of 100 people", "room for 384 connections")
    assert (row.ok, row.found) == (ok, found)
    assert "reverse_proxy_may_restart" in row.remedy
