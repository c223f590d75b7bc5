# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The decisions of probe_info and of the check: verdicts, tables and the bytes of a WebSocket."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import verdict as probe
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import websocket as probe_websocket
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import machines as probe_site

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


@pytest.mark.parametrize(
    ("received", "source", "sent_from", "ok"),
    [
        (True, "198.51.100.20", "198.51.100.20", True),
        (True, "192.168.122.1", "198.51.100.20", False),
        (False, "", "198.51.100.20", False),
        # A sender behind NAT of its own shows an address that it does not know.
        (True, "203.0.113.7", "192.168.1.5", True),
        (True, "192.168.122.1", "192.168.1.5", False),
        (True, "198.51.100.10", "192.168.1.5", False),
        (True, "10.0.0.5", "10.0.0.5", True),
    ],
)
def test_a_datagram_keeps_its_senders_address(received, source, sent_from, ok):
    verdict = probe_site.judge_datagram("udp", received, source, sent_from, "198.51.100.10")
    assert verdict.ok is ok
    assert verdict.remedy == (probe_site.REWRITTEN if received else probe_site.NOT_RECEIVED)


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
    return probe_site.judge_mapping("mapping", lines, started, "192.168.122.120", public, oldest)


@pytest.mark.parametrize("line", [CURRENT, OLD_WORDS, ADDED])
def test_a_mapping_is_read_in_the_words_of_each_generation(line):
    verdict = judged(["JVB 2026-10-01 12:00:00.1 INFO: Starting", line])
    assert (verdict.ok, verdict.found) == (True, "192.168.122.120 -> 198.51.100.10")


def test_a_mapping_of_an_earlier_start_proves_nothing():
    verdict = judged([CURRENT.replace("12:00:01", "11:59:59")])
    assert (verdict.ok, verdict.found) == (False, "no mapping in its log since 2026-10-01 12:00:00")
    assert verdict.remedy == probe_site.NOT_MAPPED


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
    assert (verdict.ok, verdict.remedy) == (False, probe_site.SWAPPED)


def test_every_public_address_must_be_mapped():
    assert not judged([CURRENT], public=("198.51.100.10", "203.0.113.7")).ok


def test_a_bridge_that_is_down_has_no_mapping():
    assert judged([CURRENT], started="").found == "the bridge is not running"


def test_the_accept_header_is_that_of_the_standard():
    headers = {"sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "sec-websocket-protocol": "xmpp"}
    assert probe_websocket.handshake_problem("dGhlIHNhbXBsZSBub25jZQ==", headers) == ""
    assert "key" in probe_websocket.handshake_problem("another", headers)
    del headers["sec-websocket-protocol"]
    assert "xmpp" in probe_websocket.handshake_problem("dGhlIHNhbXBsZSBub25jZQ==", headers)


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
