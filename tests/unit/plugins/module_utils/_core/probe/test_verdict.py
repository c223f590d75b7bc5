# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The decisions of probe_info: verdicts and the bytes of a WebSocket."""

from __future__ import annotations

import time

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import verdict as probe
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import websocket as probe_websocket

REDIRECT = {
    "name": "redirect",
    "kind": "http",
    "url": "http://jitsi.test/Room?x=1",
    "expect_status": "301",
    "expect_location": "https://jitsi.test/Room?x=1",
    "remedy": "Keep the path",
}
SOCKET = {"name": "socket", "kind": "websocket", "url": "wss://jitsi.test/xmpp-websocket", "domain": "jitsi.test"}
DATAGRAM = {"name": "datagram", "kind": "udp", "address": "198.51.100.10", "port": 10000}


def test_a_redirect_that_keeps_the_path_is_right():
    seen = probe.HttpSeen(301, "https://jitsi.test/Room?x=1", "moved")
    assert probe.judge_http(REDIRECT, seen).row() == {
        "name": "redirect",
        "ok": True,
        "expected": "301 https://jitsi.test/Room?x=1",
        "found": "301 https://jitsi.test/Room?x=1",
        "remedy": "Keep the path",
    }


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (probe.HttpSeen(301, "https://jitsi.test/"), "301 https://jitsi.test/"),
        (probe.HttpSeen(302, "https://jitsi.test/Room?x=1"), "302 https://jitsi.test/Room?x=1"),
        (probe.HttpSeen(error="connection refused"), "connection refused"),
    ],
)
def test_another_redirect_is_wrong(seen, found):
    verdict = probe.judge_http(REDIRECT, seen)
    assert (verdict.ok, verdict.found) == (False, found)


def test_a_page_of_trouble_is_quoted_without_its_markup():
    request = {"name": "bosh", "kind": "http", "url": "https://jitsi.test/http-bind", "expect_status": "200"}
    page = "<html><style>p {color: red}</style><h1>404</h1>\n<p>Unknown host: 192.168.122.120</p></html>"
    verdict = probe.judge_http(request, probe.HttpSeen(404, "", page))
    assert verdict.found == "404, body: 404 Unknown host: 192.168.122.120"


def test_a_page_without_words_is_quoted_as_it_is():
    request = {
        "name": "bosh",
        "kind": "http",
        "url": "https://jitsi.test/",
        "expect_status": "200",
        "expect_body": "from=",
    }
    body = "<body type='terminate' condition='host-unknown'/>"
    verdict = probe.judge_http(request, probe.HttpSeen(200, "", body))
    assert (verdict.ok, verdict.found) == (False, f"200, body: {body}")


def test_a_body_is_searched_for_the_pattern():
    request = {"name": "config", "kind": "http", "url": "https://jitsi.test/config.js", "expect_body": r"jitsi\.test"}
    verdict = probe.judge_http(request, probe.HttpSeen(200, "", "domain: 'jitsi.test'"))
    assert (verdict.ok, verdict.expected) == (True, r"an answer, body matches jitsi\.test")
    assert verdict.found == "200, body matches"
    assert not probe.judge_http(request, probe.HttpSeen(200, "", "domain: 'jitsi-test'")).ok


@pytest.mark.parametrize(
    ("wanted", "status", "ok"),
    [("200", 200, True), ("200-499", 404, True), ("200-499", 502, False), ("200, 404", 404, True), ("", 500, True)],
)
def test_statuses_are_codes_and_ranges(wanted, status, ok):
    request = {"name": "page", "kind": "http", "url": "http://a.test/", "expect_status": wanted}
    assert probe.judge_http(request, probe.HttpSeen(status)).ok is ok


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expect_status": "2xx"}, "codes and ranges"),
        ({"expect_body": "(open"}, "regular expression"),
        ({"url": "ftp://jitsi.test/"}, "url: scheme 'ftp' is not supported for kind http; use http:// or https://"),
        ({"url": "http://jitsi.test/a b"}, "white space"),
        ({"url": "http://jitsi.test:99999/"}, "not a valid URL"),
        ({"headers": {"X-One": "a\r\nX-Two: b"}}, "headers: 'X-One' is not a valid header"),
        ({"headers": {"X One": "a"}}, "headers: 'X One' is not a valid header"),
    ],
)
def test_a_request_that_cannot_be_made_is_refused_by_name(change, words):
    with pytest.raises(probe.ProbeError, match=r"^probes\[1\][.]") as refused:
        probe.check_request({**REDIRECT, **change}, "probes[1]")
    assert words in str(refused.value)


def test_requests_that_can_be_made_are_not_refused():
    for request in (REDIRECT, SOCKET, DATAGRAM):
        probe.check_request(request, "probes[0]")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a.test", probe.Target(True, "a.test", 443, "/", "a.test")),
        ("http://a.test:8080/b?c=d", probe.Target(False, "a.test", 8080, "/b?c=d", "a.test:8080")),
        ("https://[2001:db8::1]/", probe.Target(True, "2001:db8::1", 443, "/", "[2001:db8::1]")),
    ],
)
def test_a_url_is_taken_apart(url, target):
    assert probe.parse_url(url, "http") == target


@pytest.mark.parametrize(
    ("seen", "ok", "found"),
    [
        (probe.WebsocketSeen(101, answer="<open from='jitsi.test' id='1'/>"), True, "101, stream from jitsi.test"),
        (probe.WebsocketSeen(101, answer='<open from="else.test"/>'), False, "101, stream from else.test"),
        (probe.WebsocketSeen(101, answer="<open/>"), False, "101, no stream: the server sent <open/>"),
        (probe.WebsocketSeen(101, error="no answer within 5 s"), False, "101, no stream: no answer within 5 s"),
        (probe.WebsocketSeen(101, "no xmpp"), False, "101, no xmpp"),
        (probe.WebsocketSeen(404, body="<p>Unknown host</p>"), False, "404, body: Unknown host"),
        (probe.WebsocketSeen(error="connection refused"), False, "connection refused"),
    ],
)
def test_a_websocket_needs_a_stream_of_the_domain(seen, ok, found):
    verdict = probe.judge_websocket(SOCKET, seen)
    assert (verdict.ok, verdict.found, verdict.expected) == (ok, found, "101, stream from jitsi.test")


@pytest.mark.parametrize(
    ("wants_reply", "seen", "ok", "found"),
    [
        (False, probe.UdpSeen("198.51.100.20", 4000), True, "sent from 198.51.100.20:4000"),
        (True, probe.UdpSeen("198.51.100.20", 4000, b"abc"), True, "sent from 198.51.100.20:4000, reply of 3 bytes"),
        (True, probe.UdpSeen("198.51.100.20", 4000), False, "sent from 198.51.100.20:4000, no reply"),
        (False, probe.UdpSeen(error="network is unreachable"), False, "not sent, network is unreachable"),
    ],
)
def test_a_datagram_is_answered_only_where_that_is_expected(wants_reply, seen, ok, found):
    row = probe.judge_udp({**DATAGRAM, "expect_reply": wants_reply}, seen).row()
    assert (row["ok"], row["found"], row["source"]) == (ok, found, seen.source)


def test_the_accept_header_is_that_of_the_standard():
    key, upgrade = "dGhlIHNhbXBsZSBub25jZQ==", {"upgrade": "WebSocket", "connection": "keep-alive, Upgrade"}
    headers = {"sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "sec-websocket-protocol": "xmpp", **upgrade}
    assert probe_websocket.handshake_problem(key, headers) == ""
    assert "key" in probe_websocket.handshake_problem("another", headers)
    for name, word in (("sec-websocket-protocol", "xmpp"), ("upgrade", "Upgrade"), ("connection", "Upgrade")):
        assert word in probe_websocket.handshake_problem(key, {**headers, name: "other"})


def test_a_masked_frame_is_that_of_the_standard():
    frame = probe_websocket.encode_frame(probe_websocket.TEXT, b"Hello", bytes.fromhex("37fa213d"))
    assert frame == bytes.fromhex("818537fa213d7f9f4d5158")
    assert probe_websocket.decode_frame(frame + b"more") == probe_websocket.Frame(True, 1, b"Hello", len(frame))


@pytest.mark.parametrize("length", [0, 125, 126, 127, 70000])
def test_frames_of_each_length_are_read_and_never_too_early(length):
    widths = {0: b"", 126: length.to_bytes(2, "big") if length < 65536 else b"", 127: length.to_bytes(8, "big")}
    kind = 0 if length < 126 else 126 if length < 65536 else 127
    frame = bytes([0x81, kind or length]) + widths[kind] + b"x" * length
    assert probe_websocket.decode_frame(frame).payload == b"x" * length
    assert probe_websocket.decode_frame(frame[:-1]) is None


def test_a_frame_that_no_stream_header_needs_is_refused():
    with pytest.raises(probe.ProbeError, match="frame of"):
        probe_websocket.decode_frame(bytes([0x81, 127]) + (1 << 40).to_bytes(8, "big"))


def test_a_domain_is_quoted_in_the_open_element():
    assert 'to="a&lt;b"' in probe_websocket.open_element("a<b")


def test_headers_of_the_user_replace_those_of_the_handshake():
    target = probe.parse_url("wss://jitsi.test/xmpp-websocket", "websocket")
    lines = probe_websocket.handshake_request(target, "key", {"origin": "https://else.test"}).split(b"\r\n")
    assert lines[0] == b"GET /xmpp-websocket HTTP/1.1"
    assert [line for line in lines if line.lower().startswith(b"origin")] == [b"origin: https://else.test"]


@pytest.mark.parametrize("length", [0, 125, 126, 65535, 65536, 100000])
def test_frame_of_any_length_is_read_again(length):
    frame = probe_websocket.decode_frame(probe_websocket.encode_frame(1, b"x" * length, b"abcd"))
    assert frame.payload == b"x" * length


@pytest.mark.parametrize("body", ["<" * (1 << 20), "<style " * 150000, "<open " * 170000, "<!--" * 250000])
def test_hostile_page_costs_no_time(body):
    started = time.process_time()
    found = probe.judge_http(REDIRECT, probe.HttpSeen(404, body=body)).row()["found"]
    probe.stream_origin(body)
    assert time.process_time() - started < 5
    assert len(found) < 200


def test_row_has_no_more_of_a_server_than_people_read():
    row = probe.Verdict("probe", False, "an answer", "x" * 900000 + ", which does not answer").row()
    assert len(row["found"]) == probe.LONGEST
    assert row["found"].endswith("x, which does not answer")
    assert probe.Verdict("probe", False, "an answer", "x" * 1000).row()["found"] == "x" * 1000


def test_repeated_header_of_a_handshake_is_a_list():
    head = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nConnection: keep-alive"
    assert probe_websocket.parse_handshake(head) == (
        101,
        {"connection": "Upgrade, keep-alive", "upgrade": "websocket"},
    )
