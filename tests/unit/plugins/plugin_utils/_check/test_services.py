# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services, jicofo's pages and the TURN packages of the Jitsi machine."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import services

DROP_IN = "/etc/systemd/system/jicofo.service.d/selfhosted-jitsi-unconfigured.conf"
RUNNING = {"state": "active", "active": True, "enabled": True, "exists": True, "drop_ins": []}
STOPPED = {**RUNNING, "state": "inactive", "active": False}
PAGE = {"name": "jicofo answers", "ok": True, "expected": "200-499", "found": "200", "remedy": "Restart jicofo"}
TURN = "no TURN server of its own"


def judged(states=None, **changes):
    part = {
        "services": {**dict.fromkeys(("prosody", "nginx", "jicofo", "coturn"), RUNNING), **(states or {})},
        "processes": {},
        "jicofo": [],
        "packages": [],
        "coturn": False,
        "coturn_of_others": [],
        "turnserver": True,
    }
    return services.judge("meet", {**part, **changes})


def row_of(name, *words, **more):
    return next(row for row in judged(*words, **more) if row.name == name)


def test_coturn_counts_only_where_it_is_wanted():
    assert [row.name for row in judged()] == ["prosody runs", "nginx runs", "jicofo runs"]
    rows = judged(coturn=True)
    assert [row.name for row in rows][3:] == ["coturn runs"]
    assert all(row.ok and row.expected == row.found == "active" for row in rows)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (STOPPED, "inactive"),
        ({**STOPPED, "drop_ins": ["/etc/a.conf", DROP_IN]}, "held back until it is configured"),
        ({**STOPPED, "state": "failed", "drop_ins": [DROP_IN]}, "failed"),
        ({**STOPPED, "exists": False}, "not installed"),
        ({**STOPPED, "state": "unknown"}, "unknown"),
    ],
)
def test_service_that_does_not_run_is_wrong(said, found):
    row = row_of("jicofo runs", {"jicofo": said})
    assert (row.ok, row.found) == (False, found)
    assert "journalctl -u jicofo on meet" in row.remedy


def test_active_service_without_a_process_does_not_run():
    row = row_of("jicofo runs", processes={"jicofo": "it has no process"})
    assert (row.ok, row.found) == (False, "it has no process")
    row = row_of("jicofo runs", {"jicofo": STOPPED}, processes={"jicofo": "it has no process"})
    assert row.found == "inactive"


def test_pages_of_jicofo_are_rows_where_there_are_some():
    assert row_of("jicofo answers", jicofo=[PAGE]).ok
    assert row_of("jicofo answers", jicofo=[{**PAGE, "ok": False, "found": "500"}]).remedy == "Restart jicofo"
    for found in ("connection refused", "404"):
        names = [row.name for row in judged(jicofo=[{**PAGE, "ok": False, "found": found}])]
        assert "jicofo answers" not in names


def test_turn_server_of_the_packages_is_wrong_unless_it_is_wanted():
    assert TURN not in [row.name for row in judged(packages=["coturn"])]
    row = row_of(TURN, turnserver=False, packages=["jitsi-meet-turnserver", "coturn"])
    assert (row.ok, row.expected, row.found) == (False, "not installed", "jitsi-meet-turnserver, coturn installed")
    assert "Purge" in row.remedy
    row = row_of(TURN, turnserver=False, packages=[])
    assert (row.ok, row.found) == (True, "not installed")


def test_rest_of_coturn_that_does_not_run_is_no_turn_server():
    stopped = {"coturn": STOPPED}
    assert row_of(TURN, stopped, turnserver=False, packages=["coturn"]).ok
    assert not row_of(TURN, stopped, turnserver=False, packages=["jitsi-meet-turnserver"]).ok


def test_coturn_of_an_administrator_is_no_turn_server_of_jitsi():
    theirs = {"turnserver": False, "coturn_of_others": ["/etc/turnserver.conf"]}
    assert row_of(TURN, packages=["coturn"], **theirs).ok
    row = row_of(TURN, packages=["jitsi-meet-turnserver", "coturn"], **theirs)
    assert (row.ok, row.found) == (False, "jitsi-meet-turnserver installed")


def test_wanted_coturn_is_no_other_turn_server():
    other = "no other TURN server of its own"
    assert row_of(other, coturn=True, turnserver=False, packages=["coturn"]).ok
    row = row_of(other, coturn=True, turnserver=False, packages=["jitsi-meet-turnserver", "coturn"])
    assert (row.ok, row.found) == (False, "jitsi-meet-turnserver installed")
