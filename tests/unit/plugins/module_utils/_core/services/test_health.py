"""What makes a service healthy."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.services.health import (
    Seen,
    Unit,
    Wanted,
    complaint,
    is_stuck,
    lines_since,
    listening,
    parse_unit,
    telling,
)

URL = "http://127.0.0.1:8080/about/health"
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ROW = "   0: {address} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0\n"
UNIT = Unit("active", 100.0, "/system.slice/one.service")
WANTED = Wanted("one", tcp=(5222,), udp=(10000,))
SOCKETS = {("tcp", 5222): frozenset({"7"}), ("udp", 10000): frozenset({"8"})}
HEALTHY = Seen(UNIT, SOCKETS, frozenset({"7", "8"}))


def test_unit_is_read():
    text = "ActiveState=active\nActiveEnterTimestampMonotonic=2500000\nControlGroup=/system.slice/a=b.service\n"
    assert parse_unit(text) == Unit("active", 2.5, "/system.slice/a=b.service")
    assert parse_unit("") == Unit("unknown", 0, "")


def test_sockets_that_listen_are_found_in_all_tables():
    four = (
        HEAD
        + ROW.format(address="0100007F:1466", state="0A", inode=7)
        + ROW.format(address="0100007F:0050", state="01", inode=9)
    )
    six = HEAD + ROW.format(address="00000000000000000000000000000000:1466", state="0A", inode=10)
    datagrams = HEAD + ROW.format(address="00000000:2710", state="07", inode=8)
    assert listening({"tcp": [four, six], "udp": [datagrams]}) == {
        ("tcp", 5222): frozenset({"7", "10", "uid:0"}),
        ("udp", 10000): frozenset({"8", "uid:0"}),
    }


def changed(**more):
    return dataclasses.replace(HEALTHY, **more)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (HEALTHY, ""),
        (changed(own=None), ""),
        (changed(sockets={key: value | {"uid:5"} for key, value in SOCKETS.items()}, own=frozenset({"uid:5"})), ""),
        (changed(unit=Unit("activating", 0, "/x")), "its state is activating"),
        (changed(unit=Unit("failed", 0, "")), "its state is failed"),
        (changed(unit=Unit("active", 0, "")), "none of its processes is running"),
        (changed(sockets={("udp", 10000): frozenset({"8"})}), "it does not listen on tcp/5222"),
        (changed(sockets={("tcp", 5222): frozenset({"7"})}), "it does not listen on udp/10000"),
        (changed(own=frozenset({"7", "9"})), "another process uses udp/10000"),
        (changed(own=frozenset()), "another process uses tcp/5222"),
    ],
)
def test_ports_must_be_the_services_own(seen, words):
    assert complaint(WANTED, seen) == words


@pytest.mark.parametrize(
    ("status", "body", "now", "words"),
    [
        (200, "", 100, ""),
        (500, "Failed to bind\nsingle-port", 200, f"{URL} answers 500: Failed to bind single-port"),
        (0, "timed out", 200, f"{URL} answers 0: timed out"),
        (503, "", 200, f"{URL} answers 503"),
        (None, "", 119.9, f"{URL} does not answer yet"),
        (None, "", 120, ""),
    ],
)
def test_page_must_answer_or_be_missing_for_good(status, body, now, words):
    wanted = Wanted("one", http=URL, http_grace=20)
    assert complaint(wanted, changed(status=status, body=body, now=now)) == words


def test_server_without_the_page_passes_where_that_is_said():
    assert complaint(Wanted("one", http=URL), changed(status=404, now=200)) == f"{URL} answers 404"
    wanted = Wanted("one", http=URL, http_accepted=(404,))
    assert complaint(wanted, changed(status=404, now=200)) == ""
    assert complaint(wanted, changed(status=500, now=200)) == f"{URL} answers 500"


EARLY = Wanted("one", http=URL, http_first=90, log_ready=("face=1[.]1",), log_sick=("Failed=true",))


@pytest.mark.parametrize(
    ("now", "log", "words"),
    [
        (189, (), f"{URL} answers 200 before its first check, and its log does not contain face=1[.]1 yet"),
        (189, ("X(face=1.1, mask=2.2)",), ""),
        (189, ("X(face=1.1, mask=2.2)", "discoveryFailed=true"), "its log says Failed=true"),
        (190, ("discoveryFailed=true",), ""),
    ],
)
def test_page_that_is_green_before_its_first_check_needs_the_log(now, log, words):
    assert complaint(EARLY, changed(status=200, now=now, log=log)) == words


def test_page_that_is_green_before_its_first_check_proves_nothing_alone():
    wanted = Wanted("one", http=URL, http_first=90)
    assert complaint(wanted, changed(status=200, now=120)) == f"{URL} answers 200 before its first check"
    assert complaint(wanted, changed(status=500, body="sick", now=120)) == f"{URL} answers 500: sick"


@pytest.mark.parametrize(
    ("unit", "now", "stuck"),
    [
        (UNIT, 189.9, False),
        (UNIT, 190.0, True),
        (Unit("active", 100.0, ""), 100.1, True),
        (Unit("failed", 100.0, ""), 500.0, False),
        (Unit("activating", 0, "/x"), 500.0, False),
    ],
)
def test_restart_helps_what_had_its_time_or_has_no_process(unit, now, stuck):
    assert is_stuck(unit, now, seconds=90) is stuck


def test_log_counts_from_a_moment_on():
    lines = ["JVB 2026-11-28 03:00:01.5 INFO: old", "\tat old", "JVB 2026-11-28 03:00:02.1 INFO: new", "\tat new"]
    assert lines_since(lines, "2026-11-28 03:00:02") == lines[2:]
    assert lines_since(lines, "2026-11-28 03:00:03") == []


def test_stack_traces_are_no_last_words():
    lines = ["first", "WARNING: refused", *["\tat a.b(C.java:1)"] * 120, "\t... 7 more", "Caused by: not-authorized"]
    assert telling(lines, 2) == ["WARNING: refused", "Caused by: not-authorized"]
