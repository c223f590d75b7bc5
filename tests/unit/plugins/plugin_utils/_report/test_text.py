# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on a terminal: its words, its width, and values that are no plain text."""

from __future__ import annotations

import time
import unicodedata

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report import columns, text

LONG = "docs/" + "x" * 200


def columns_of(line):
    """Columns on a terminal, counted apart from the code."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
    return len(line) + wide - sum(unicodedata.category(character) == "Mn" for character in line)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "jitsi.test: nothing was checked"),
        ([("a", True)], "jitsi.test works: its check passed"),
        ([("a", True), ("b", True)], "jitsi.test works: all 2 checks passed"),
        ([("a", False)], "jitsi.test: 1 finding in 1 check"),
        ([("a", False), ("b", False, "a"), ("c", True)], "jitsi.test: 1 finding in 3 checks"),
        ([("a", False), ("b", False), ("c", True)], "jitsi.test: 2 findings in 3 checks"),
    ],
)
def test_first_line_is_the_verdict(rows, sentence, row, report):
    site = report(*(row(*words) for words in rows))
    assert text.verdict(site) == text.summary(site)[0] == sentence


def test_rows_that_are_not_judged_do_not_count_as_passed(row, report):
    rows = [row("a", ok=True), row("b", ok=True, found="not judged: no log")]
    assert text.summary(report(*rows)) == ["jitsi.test works: 1 of 2 checks passed", "", "not judged: 1"]


def test_finding_says_where_what_and_what_to_do(row, report):
    root = row("the bridge runs", expected="active", found="failed", remedy="Read its log and start it. " * 4)
    rows = [row("the mapping", cause="the bridge runs"), row("jicofo sees it", cause="the mapping"), root]
    assert text.summary(report(*rows)) == [
        "jitsi.test: 1 finding in 3 checks",
        "",
        "1. the bridge runs",
        "   where:    meet",
        "   expected: active",
        "   found:    failed",
        "   remedy:   Read its log and start it. Read its log and start it. Read its log",
        "             and start it. Read its log and start it.",
        "   Because of this: the mapping; jicofo sees it",
        "   guide:    docs/guides/check.md",
    ]


def test_finding_leaves_out_what_is_empty(row, report):
    lines = text.summary(report(row("a", machine="", expected="", remedy="", anchor="")))
    assert lines[2:] == ["1. a", "   where:    several machines", "   found:    no"]


def test_all_rows_are_listed_with_their_states(row, report):
    rows = [row("b", cause="a", machine=""), row("a"), row("c", ok=True), row("d", ok=True, found="not judged: no log")]
    assert text.all_rows(report(*rows)) == [
        "follows     b",
        "            expected: yes",
        "            found:    no",
        "FAILED      a (meet)",
        "            expected: yes",
        "            found:    no",
        "ok          c (meet)",
        "            found:    yes",
        "not judged  d (meet)",
        "            found:    not judged: no log",
    ]


@pytest.mark.parametrize("value", ["word " * 60, LONG, "会議" * 90, "会議室 " * 40, "e\u0301" * 200, f"a {LONG} b"])
def test_no_line_is_wider_than_a_terminal_and_no_word_is_lost(value, row, report):
    fields = dict.fromkeys(("machine", "expected", "found", "remedy", "anchor"), value)
    rows = [row(value, **fields), row("b", cause=value), *(row(str(number)) for number in range(110))]
    for lines in (text.summary(report(*rows, fqdn=value.strip())), text.all_rows(report(*rows))):
        assert max(map(columns_of, lines)) <= 80
    squeezed = "".join("".join(text.summary(report(*rows))).split())
    assert squeezed.count("".join(value.split())) == len(fields) + 1


def test_hostile_values_reach_the_terminal_only_as_plain_text(hostile):
    lines = [*text.summary(hostile), *text.all_rows(hostile)]
    assert all(line.isprintable() for line in lines)
    assert max(map(columns_of, lines)) <= 80
    assert "\\x1b]0;owned\\x07\\x9b31m\\u202eevil" in "".join("".join(lines).split())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (" a\n\tb\r\n", "a b"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x7f\x85", "\\x7f\\x85"),
        ("\u2028\u200b\ue000", "\\u2028\\u200b\\ue000"),
        ("\U000e0041\ud800", "\\U000e0041\\ud800"),
        ("Grüße 会議 שלום", "Grüße 会議 שלום"),
    ],
)
def test_characters_that_cannot_be_seen_are_shown(value, shown):
    assert columns.visible(value) == shown
    assert columns.visible(shown) == shown


@pytest.mark.parametrize(
    ("value", "room", "line"),
    [("bridge", 6, "bridge"), ("bridge-12", 6, "bri…12"), ("会議室", 6, "会議室"), ("会議室", 5, "会…室")],
)
def test_text_is_cut_to_its_room(value, room, line):
    assert columns.fitted(value, room) == line


def test_hostile_text_costs_no_time():
    started = time.process_time()
    lines = columns.wrapped("\u0301" * 100000 + "x" * 100000)
    assert time.process_time() - started < 5
    assert max(columns_of(line) for line in lines) <= columns.WIDEST
