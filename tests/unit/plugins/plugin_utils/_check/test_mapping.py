# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bridge's mapping counts since its start, in the words of each generation."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import mapping

STARTED = "Thu 2026-10-01 12:00:00 UTC"
CURRENT = (
    "JVB 2026-10-01 12:00:01.5 INFO: [1] Using org.ice4j.ice.harvest.StaticMappingCandidateHarvester"
    "(face=192.168.122.120:9/udp, mask=198.51.100.10:9/udp)"
)
OLD_WORDS = (
    "JVB 2026-10-01 12:00:01.5 INFO: [1] org.ice4j.ice.harvest.MappingCandidateHarvesters.initialize: Using "
    "org.ice4j.ice.harvest.MappingCandidateHarvester, face=/192.168.122.120, mask=/198.51.100.10"
)
ADDED = (
    "2026-10-01T12:00:00+0000 vm: Adding a static mapping: "
    "StaticMapping(localAddress=192.168.122.120, publicAddress=198.51.100.10, localPort=null)"
)


def judged(lines, started=STARTED, public=("198.51.100.10",), oldest=""):
    return mapping.judge_mapping("mapping", lines, started, "192.168.122.120", public, oldest)


@pytest.mark.parametrize("line", [CURRENT, OLD_WORDS, ADDED])
def test_a_mapping_is_read_in_the_words_of_each_generation(line):
    verdict = judged(["JVB 2026-10-01 12:00:00.1 INFO: Starting", line])
    assert (verdict.ok, verdict.found) == (True, "192.168.122.120 -> 198.51.100.10")


def test_a_mapping_of_an_earlier_start_proves_nothing():
    verdict = judged([CURRENT.replace("12:00:01", "11:59:59")])
    assert (verdict.ok, verdict.found) == (False, "no mapping in its log since 2026-10-01 12:00:00")
    assert verdict.remedy == mapping.NOT_MAPPED


def test_a_log_that_was_rotated_since_the_start_is_not_judged():
    verdict = judged([], oldest="JVB 2026-10-09 00:00:01.2 INFO: tick")
    assert (verdict.ok, verdict.found[:11]) == (True, "not judged:")
    assert not judged([], oldest="JVB 2026-10-01 12:00:04.2 INFO: Starting").ok
    assert not judged([], oldest="JVB 2026-09-30 12:00:04.2 INFO: Starting").ok
    assert not judged([], oldest="no time").ok


def test_a_wrong_mapping_is_judged_even_if_the_log_was_rotated():
    wrong = CURRENT.replace("198.51.100.10", "203.0.113.7").replace("2026-10-01", "2026-10-09")
    assert not judged([wrong], oldest="JVB 2026-10-09 00:00:01.2 INFO: tick").ok


def test_a_line_without_a_time_belongs_to_the_line_before_it():
    tail = CURRENT.split("INFO: ")[1]
    assert judged(["2026-10-01 12:00:02 first line", tail]).ok
    assert not judged(["2026-10-01 11:00:00 first line", tail]).ok
    assert not judged([tail]).ok


def test_exchanged_addresses_are_named():
    swapped = (
        CURRENT.replace("198.51.100.10", "X")
        .replace("192.168.122.120", "198.51.100.10")
        .replace("X", "192.168.122.120")
    )
    verdict = judged([swapped])
    assert (verdict.ok, verdict.remedy) == (False, mapping.SWAPPED)


def test_every_public_address_must_be_mapped():
    assert not judged([CURRENT], public=("198.51.100.10", "203.0.113.7")).ok


def test_a_bridge_that_is_down_has_no_mapping():
    assert judged([CURRENT], started="").found == "the bridge is not running"
