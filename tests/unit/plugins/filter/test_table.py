# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the check: tables, sentences and rows."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.filter import table

FILTERS = table.FilterModule().filters()
GOOD = {"name": "first page", "ok": True, "expected": "200", "found": "200", "remedy": "none"}
BAD = {
    "name": "room",
    "ok": False,
    "expected": "301 https://a.test/Room",
    "found": "connection refused",
    "remedy": "Forward it",
}


def test_a_table_has_a_heading_and_equally_wide_columns():
    assert FILTERS["probe_table"]([GOOD, BAD]) == [
        "name       | expected                | found              | ok",
        "-----------+-------------------------+--------------------+----",
        "first page | 200                     | 200                | yes",
        "room       | 301 https://a.test/Room | connection refused | NO",
    ]


def test_a_long_cell_goes_on_in_the_next_line():
    long = {**GOOD, "found": "word " * 20}
    lines = FILTERS["probe_table"]([long])
    assert [line.split("|")[2].strip() for line in lines[2:]] == [("word " * 12).strip(), ("word " * 8).strip()]
    assert lines[3].startswith("           |")


def test_wide_characters_keep_the_columns_in_line():
    lines = FILTERS["probe_table"]([{**GOOD, "name": "会議"}, GOOD])
    assert lines[2].startswith("会議       | 200")


def test_an_empty_cell_and_an_empty_table():
    assert FILTERS["probe_table"]([]) == []
    assert FILTERS["probe_table"]([{**GOOD, "found": ""}])[2] == "first page | 200      |       | yes"


def test_only_failures_become_sentences():
    sentence = "room: expected 301 https://a.test/Room, found connection refused. Forward it"
    assert FILTERS["probe_failures"]([GOOD, BAD]) == [sentence]


def test_a_datagram_row_is_made_of_what_was_seen_and_sent():
    capture = {"received": True, "source": "198.51.100.20", "source_port": 4000}
    row = FILTERS["probe_datagram"](capture, "udp", {"source": "198.51.100.20"}, "198.51.100.10")
    assert (row["name"], row["ok"], row["found"]) == ("udp", True, "arrived from 198.51.100.20")


def test_a_mapping_row_is_made_of_log_lines():
    line = "JVB 2026-10-01 12:00:01 Using X(face=192.168.122.120:9/udp, mask=198.51.100.10:9/udp)"
    arguments = ("mapping", "Thu 2026-10-01 12:00:00 UTC", "192.168.122.120", ["198.51.100.10"])
    assert FILTERS["probe_mapping"]([line], *arguments)["ok"] is True


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("probe_table", ("text",), "use a list"),
        ("probe_table", ([{"name": "a"}],), "missing expected, found, ok"),
        ("probe_failures", ([GOOD, "text"],), "is not a verdict row"),
        ("probe_datagram", ({}, "udp", {"source": ""}), "wait for it with async_status"),
        ("probe_datagram", ({"received": True}, "udp", {}), "use results[0]"),
        ("probe_mapping", ("text", "mapping", "", "", []), "use a list"),
        ("probe_mapping", ([], "mapping", "", "", "198.51.100.10"), "use a list"),
    ],
)
def test_a_wrong_input_is_refused_with_what_to_give(name, arguments, words):
    with pytest.raises(AnsibleFilterError) as refused:
        FILTERS[name](*arguments)
    assert words in str(refused.value)
