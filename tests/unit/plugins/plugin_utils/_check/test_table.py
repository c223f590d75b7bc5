# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows as a table and as sentences."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import table
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.rows import Row

GOOD = Row("outside", "out", "first page", True, "200", "200", "none", "", "docs/problems.md")
BAD = Row("outside", "out", "room", False, "301 https://a.test/Room", "connection refused", "Forward it", "", "")


def test_a_table_has_a_heading_and_equally_wide_columns():
    assert table.table([GOOD, BAD]) == [
        "name       | expected                | found              | ok",
        "-----------+-------------------------+--------------------+----",
        "first page | 200                     | 200                | yes",
        "room       | 301 https://a.test/Room | connection refused | NO",
    ]


def test_a_long_cell_goes_on_in_the_next_line():
    long = replace(GOOD, found="word " * 20)
    lines = table.table([long])
    assert [line.split("|")[2].strip() for line in lines[2:]] == [("word " * 12).strip(), ("word " * 8).strip()]
    assert lines[3].startswith("           |")


def test_wide_characters_keep_the_columns_in_line():
    lines = table.table([replace(GOOD, name="会議"), GOOD])
    assert lines[2].startswith("会議       | 200")


def test_an_empty_cell_and_an_empty_table():
    assert table.table([]) == []
    assert table.table([replace(GOOD, found="")])[2] == "first page | 200      |       | yes"


def test_only_failures_become_sentences():
    sentence = "room: expected 301 https://a.test/Room, found connection refused. Forward it"
    assert table.failures([GOOD, BAD]) == [sentence]


def test_sentence_without_a_remedy_ends_with_its_full_stop():
    assert table.failures([replace(BAD, remedy="")]) == [
        "room: expected 301 https://a.test/Room, found connection refused."
    ]


def test_message_counts_the_failures_and_is_empty_without_any():
    assert table.message([GOOD]) == ""
    assert table.message([GOOD, BAD]).split("\n") == ["1 of 2 checks failed:", *table.failures([BAD])]
