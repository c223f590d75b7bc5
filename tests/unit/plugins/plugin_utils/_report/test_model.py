# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which rows are findings, which follow from them, and which state each place has."""

from __future__ import annotations

import random

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report import model
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.model import Machine, Place, State


def grouped(report):
    return {finding.row.name: [one.name for one in finding.follows] for finding in model.findings(report)}


@pytest.mark.parametrize(
    ("causes", "expected"),
    [
        ({"a": "", "b": ""}, {"a": [], "b": []}),
        ({"a": "b", "b": "", "c": "a"}, {"b": ["a", "c"]}),
        ({"a": "gone"}, {"a": []}),
        ({"a": "good"}, {"a": []}),
        ({"a": "a"}, {"a": []}),
        ({"a": "b", "b": "a", "c": "b"}, {"a": ["b", "c"]}),
        ({"d": "b", "a": "c", "b": "a", "c": "b"}, {"a": ["d", "b", "c"]}),
        ({"a": "", "b": "c", "c": "b", "d": "a"}, {"a": ["d"], "b": ["c"]}),
    ],
    ids=["apart", "through another", "unknown", "passed", "itself", "circle", "into a circle", "beside a circle"],
)
def test_findings_are_the_failures_that_no_other_explains(causes, expected, row, report):
    rows = [row(name, cause=cause) for name, cause in causes.items()]
    assert grouped(report(row("good", ok=True), *rows)) == expected


@pytest.mark.parametrize("seed", range(20))
def test_every_failed_row_appears_exactly_once(seed, row, report):
    chance = random.Random(seed)
    rows = [
        row(chance.choice("abcdef"), ok=not chance.randrange(4), cause=chance.choice("abcdefg")) for _row in range(30)
    ]
    shown = [one for finding in model.findings(report(*rows)) for one in (finding.row, *finding.follows)]
    assert sorted(map(id, shown)) == sorted(id(one) for one in rows if not one.ok)


def test_equal_names_have_one_cause(row, report):
    rows = [row("a", machine="meet"), row("a", machine="far"), row("b", cause="a")]
    first, second = model.findings(report(*rows))
    assert (first.row.machine, [one.name for one in first.follows]) == ("meet", ["b"])
    assert (second.row.machine, second.follows) == ("far", [])


def test_states_stand_in_the_order_of_the_rows(row, report):
    rows = [row("b", cause="a"), row("c", ok=True, found="not judged: no log"), row("a"), row("d", ok=True)]
    assert model.states(report(*rows)) == [State.FOLLOWS, State.UNJUDGED, State.FAILING, State.OK]


def test_failed_row_is_judged_whatever_it_found(row, report):
    site = report(row("a", found="not judged: no log"))
    assert (model.states(site), site.not_judged) == ([State.FAILING], 0)


@pytest.mark.parametrize(
    ("name", "machine", "place"),
    [
        ("udp/10000: reaches the bridge", "out", Place("forward", "udp/10000")),
        ("udp/10001: reaches the bridge on far from out", "out", Place("forward", "udp/10001")),
        ("udp/10000: reaches the bridge on far", "out", Place("machine", "far")),
        ("udp/10000: reaches the bridge on far from out", "out", Place("machine", "far")),
        ("udp/1000: reaches the bridge", "out", Place("machine", "out")),
        ("udp/10000", "out", Place("machine", "out")),
        ("wiki.test: the first page", "out", Place("site", "wiki.test")),
        ("other.test: the first page", "out", Place("machine", "out")),
        ("wiki.test", "proxy", Place("machine", "proxy")),
        ("the bridges keep out of each other's way", "", Place("several", "")),
    ],
)
def test_place_is_what_the_name_begins_with_or_the_machine(name, machine, place, row, report):
    assert model.place_of(report(), row(name, machine=machine)) == place


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ({"a": {"ok": True}, "b": {}}, State.FAILING),
        ({"a": {"ok": True}, "b": {"cause": "root"}}, State.FOLLOWS),
        ({"a": {"cause": "root"}, "b": {}}, State.FAILING),
        ({"a": {"ok": True, "found": "not judged"}, "b": {"ok": True}}, State.OK),
        ({"a": {"ok": True, "found": "not judged"}}, State.UNJUDGED),
    ],
)
def test_state_of_a_place_is_that_of_its_worst_row(rows, state, row, report):
    site = report(row("root", machine="far"), *(row(name, **changes) for name, changes in rows.items()))
    assert model.place_states(site) == {Place("machine", "far"): State.FAILING, Place("machine", "meet"): state}


def test_place_without_rows_has_no_state(row, report):
    site = report(row("a", ok=True), machines=[Machine("spare", "proxy", "")])
    assert Place("machine", "spare") not in model.place_states(site)


def test_site_that_was_not_checked_does_not_work(row, report):
    assert not report().ok
    assert report(row("a", ok=True)).ok
    assert not report(row("a", ok=True), row("b")).ok


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ({"jitsi.test: http is sent to https": "ok"}, {"tcp/80": State.OK}),
        ({"jitsi.test: XMPP over BOSH": "ok", "wiki.test: the first page": "failed"}, {"tcp/443": State.OK}),
        ({"jitsi.test: XMPP over BOSH": "follows", "wiki.test: the first page": "failed"}, {"tcp/443": State.FOLLOWS}),
        ({"wiki.test: the first page": "failed"}, {"tcp/443": State.FAILING}),
        ({"wiki.test: the name leads to the site": "ok"}, {}),
        ({}, {}),
    ],
)
def test_sites_that_answer_show_that_packets_pass_the_forward(results, expected, row, report):
    rows = [
        row(name, ok=result == "ok", cause="cause" if result == "follows" else "", subject="outside")
        for name, result in results.items()
    ]
    forwards = [model.Forward("tcp", port, "192.168.122.100") for port in ("80", "443")]
    known = model.place_states(report(row("cause"), *rows, forwards=forwards))
    assert {place.name: state for place, state in known.items() if place.kind == "forward"} == expected
