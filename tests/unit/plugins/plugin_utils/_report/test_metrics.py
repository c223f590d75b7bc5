# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as metrics, read back by a parser of the text format."""

from __future__ import annotations

import re

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.metrics import metrics

PREFIX = "selfhosted_jitsi_check_"
SAMPLE = re.compile(r'(\w+)\{((?:\w+="(?:[^"\\\n]|\\["\\n])*",?)*)\} (\d+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def unescaped(value):
    return re.sub(r"\\(.)", lambda match: {"n": "\n"}.get(match[1], match[1]), value)


def read(text):
    """The samples by name and labels; each line has to be a comment or a sample."""
    assert text.endswith("\n")
    found = {}
    for line in text.split("\n")[:-1]:
        sample = SAMPLE.fullmatch(line)
        assert sample or re.fullmatch(rf"# (HELP {PREFIX}\w+ .+|TYPE {PREFIX}\w+ gauge)", line), line
        if sample:
            labels = tuple((name, unescaped(value)) for name, value in LABEL.findall(sample[2]))
            key = (sample[1].replace(PREFIX, ""), labels)
            assert key not in found
            found[key] = int(sample[3])
    return found


def plain(text):
    return {name: value for (name, labels), value in read(text).items() if len(labels) == 1}


def test_site_that_works(row, report):
    found = plain(metrics(report(row("a", ok=True))))
    assert found == {"ok": 1, "findings": 0, "timestamp_seconds": 1795953600}


def test_findings_count_without_what_follows(row, report):
    found = plain(metrics(report(row("a"), row("b", cause="a"), row("c"))))
    assert (found["ok"], found["findings"]) == (0, 2)


def test_rows_count_by_subject_with_zeros(row, report):
    rows = [row("a", ok=True), row("b", ok=True), row("c", subject="turn"), row("d")]
    samples = read(metrics(report(*rows)))
    found = {tuple(dict(labels).values()): value for (name, labels), value in samples.items() if name == "rows"}
    assert found == {
        ("jitsi.test", "bridge", "true"): 2,
        ("jitsi.test", "bridge", "false"): 1,
        ("jitsi.test", "turn", "true"): 0,
        ("jitsi.test", "turn", "false"): 1,
    }


def test_each_metric_has_one_help_and_one_type_before_its_samples(row, report):
    lines = metrics(report(row("a"))).splitlines()
    names = ["ok", "findings", "rows", "timestamp_seconds"]
    for word in ("HELP", "TYPE"):
        assert [line.split()[2] for line in lines if line.startswith(f"# {word}")] == [PREFIX + name for name in names]
    for name in names:
        own = [index for index, line in enumerate(lines) if re.search(rf"{PREFIX}{name}\b", line)]
        assert own == list(range(own[0], own[0] + len(own)))
        assert [line[:6] for line in lines[own[0] : own[0] + 2]] == ["# HELP", "# TYPE"]


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a\\", 'a\n"} 1\nb', "会議", "\\n"])
def test_labels_come_back_as_they_were(value, row, report):
    samples = read(metrics(report(row("a", subject=value), fqdn=value)))
    assert {labels[0] for _name, labels in samples} == {("site", value)}
    assert {dict(labels)["subject"] for name, labels in samples if name == "rows"} == {value}


def test_hostile_values_stay_in_their_labels_and_fit_utf_8(hostile):
    text = metrics(hostile)
    assert text.encode("utf-8")
    assert len(read(text)) == 3 + 2 * len({row.subject for row in hostile.rows})


@pytest.mark.parametrize(
    ("when", "seconds"),
    [
        ("1970-01-01T00:01:00Z", 60),
        ("2026-11-29T13:00:00+01:00", 1795953600),
        ("2026-11-29T12:00:00", 1795953600),
    ],
)
def test_time_does_not_depend_on_the_zone_of_the_machine(when, seconds, report):
    assert plain(metrics(report(when=when)))["timestamp_seconds"] == seconds


def test_time_that_is_none_is_refused(report):
    with pytest.raises(ValueError, match="noon"):
        metrics(report(when="noon"))
