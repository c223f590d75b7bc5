# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""All rows of a site in their order, and rows for the machines of which some are missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.rows import ANCHORS
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.site import PLAYS, Record, Site, judge_site

COLLECTION = Path(__file__).resolve().parents[5]
SITE = Site("meet", ["host"], ["proxy", "spare"], ["far"], ["out"])
REACHED = {"ping": "pong"}
FAILURE = {"failure": {"task": "Read a file", "message": "no", "censored": False}}
SIZE = {"room": 1, "room_before": 1, "restart_owed": False}


def records(**changes):
    """A site on which everything failed, but for what changes."""
    full = {
        "host": Record(REACHED, {"host": FAILURE}, ["host"]),
        "proxy": Record(REACHED, dict.fromkeys(("certificates", "backends", "workers"), FAILURE), ["proxy"]),
        "spare": Record(REACHED),
        "meet": Record(REACHED, dict.fromkeys(("bridge", "services", "privacy"), FAILURE), ["jitsi"]),
        "far": Record(REACHED, {"bridge": FAILURE}, ["further"]),
        "out": Record(REACHED, {"relay": {**FAILURE, "from": ""}}, ["outside"]),
    }
    return {**full, **changes}


def names(**changes):
    return [row.name for row in judge_site(SITE, records(**changes))]


def test_machines_have_their_order_and_each_subject_its_row():
    assert [(row.subject, row.machine, row.name) for row in judge_site(SITE, records())] == [
        ("relay", "out", "the TURN server can be tried"),
        ("host", "host", "host can be looked at"),
        ("certificates", "proxy", "proxy can be looked at"),
        ("backends", "proxy", "proxy can be looked at"),
        ("workers", "proxy", "the size of Apache on proxy can be read"),
        ("bridge", "meet", "meet can be looked at"),
        ("services", "meet", "meet can be looked at"),
        ("privacy", "meet", "meet can be looked at"),
        ("bridge", "far", "far can be looked at"),
        ("conflicts", "", "the bridges keep out of each other's way"),
    ]


def test_site_with_one_bridge_has_no_row_about_bridges():
    rows = judge_site(Site("meet", outside=["out"]), records())
    assert "conflicts" not in [row.subject for row in rows]


def test_unreached_machines_come_first():
    gone = Record({"unreachable": True, "msg": "no route"})
    found = judge_site(SITE, records(spare=gone, host=gone, far=gone))
    assert [(row.subject, row.name) for row in found[:3]] == [
        ("reach", "host is reached"),
        ("reach", "spare is reached"),
        ("reach", "far is reached"),
    ]
    assert "far is checked to the end" not in [row.name for row in found]


@pytest.mark.parametrize("machine", ["host", "proxy", "meet", "far", "out"])
def test_machine_that_was_lost_midway_has_a_row_beside_those_that_it_showed(machine):
    record = records()[machine]
    rows = judge_site(SITE, records(**{machine: Record(record.answer, record.seen, [])}))
    assert (rows[0].name, rows[0].ok) == (f"{machine} is checked to the end", False)
    assert rows[0].found == f"lost midway, after: {', '.join(record.seen)}"
    assert [row.name for row in rows[1:]] == names()


def test_machine_that_the_limit_leaves_out_has_no_row():
    assert not [name for name in names(proxy=Record(), far=Record()) if "proxy" in name or "far" in name]


def test_machine_of_two_plays_has_to_end_both():
    site = Site("meet", proxies=["meet"])
    both = Record(REACHED, {}, ["proxy", "jitsi"])
    assert judge_site(site, {"meet": both}) == []
    (row,) = judge_site(site, {"meet": Record(REACHED, {}, ["proxy"])})
    assert row.name == "meet is checked to the end"


def test_controller_that_probes_was_not_asked_for_an_answer():
    site = Site("meet", outside=["localhost"])
    assert judge_site(site, {"meet": Record(), "localhost": Record(None, {}, [])}) == []


@pytest.mark.parametrize("part", [{}, {"size": {}, "participants": 1}, {"size": "text"}, {"failure": {}}])
def test_record_that_no_judge_understands_is_a_row_without_its_values(part):
    proxy = Record(REACHED, {"workers": part}, ["proxy"])
    row = next(row for row in judge_site(SITE, records(proxy=proxy)) if row.machine == "proxy")
    assert (row.name, row.ok, row.expected) == ("proxy can be looked at", False, "a record of its workers")
    assert "another type or form" in row.found
    assert "text" not in row.found


def test_rows_are_data_with_a_page_that_explains_them():
    proxy = Record(REACHED, {"workers": {"size": SIZE, "participants": 7}}, ["proxy"])
    row = next(row for row in judge_site(SITE, records(proxy=proxy)) if row.machine == "proxy")
    data = row.data()
    assert (data.pop("remedy"), data) == (
        row.remedy,
        {
            "subject": "workers",
            "machine": "proxy",
            "name": "proxy holds the WebSockets of 7 people",
            "ok": True,
            "expected": "room for 1 connections",
            "found": "room for 1 connections",
            "cause": "",
            "anchor": "docs/guides/sizing.md#the-proxy",
        },
    )


def test_every_subject_has_its_page():
    subjects = {subject.name for play in PLAYS.values() for subject in play}
    assert set(ANCHORS) == subjects | {"conflicts", "reach"}


@pytest.mark.parametrize("anchor", sorted(set(ANCHORS.values())))
def test_page_and_heading_are_there(anchor):
    path, _sign, heading = anchor.partition("#")
    lines = (COLLECTION / path).read_text(encoding="utf-8").splitlines()
    there = {line.lstrip("#").strip().lower().replace(" ", "-") for line in lines if line.startswith("#")}
    assert not heading or heading in there
