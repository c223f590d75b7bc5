# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was seen from outside, judged: each probe becomes one row."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Mapping
from urllib.parse import urlsplit

from ..errors import CoreError
from .trust import advice

EXCERPT_LENGTH = 100
#: So much of a page is read for an excerpt, and so much stands in a row, in characters.
EXCERPT_READ, LONGEST, END = 16384, 1000, 100
#: What helps if nobody answers.
NO_ANSWER = (
    "Correct what the other rows say of the host and of the proxy. If these are in order, something before the host "
    "drops the port: allow it in the provider's firewall"
)
DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
NEEDED = {
    "http": ("url",),
    "websocket": ("url", "domain"),
    "udp": ("address", "port"),
    "stun": ("address", "port"),
    "turn": ("address", "port", "username", "password"),
    "dns": ("domain", "expect_address"),
    "page": ("url",),
    "settings": ("url", "domain"),
    "xmpp": ("url", "domain"),
}
SCHEMES = {
    "http": ("http", "https"),
    "websocket": ("ws", "wss", "http", "https"),
    "page": ("http", "https"),
    "settings": ("http", "https"),
    "xmpp": ("wss", "https", "ws", "http"),
}
Request = Mapping[str, Any]


class ProbeError(CoreError):
    """A probe that cannot be made: the request itself is wrong."""


@dataclass(frozen=True)
class Target:
    """Where a URL leads.

    :param authority: the text for the Host header.
    """

    tls: bool
    host: str
    port: int
    path: str
    authority: str


@dataclass(frozen=True)
class HttpSeen:
    """One answer to one HTTP request; ``error`` says in words why there is none."""

    status: int | None = None
    location: str = ""
    body: str = ""
    error: str = ""
    content_type: str = ""


@dataclass(frozen=True)
class WebsocketSeen:
    """A WebSocket handshake and the first text that the XMPP server sent over it.

    :param body: the body of an answer that is no 101.
    :param problem: why a 101 cannot be used, empty when it can.
    """

    status: int | None = None
    problem: str = ""
    body: str = ""
    answer: str = ""
    error: str = ""


@dataclass(frozen=True)
class UdpSeen:
    """A datagram that was sent from ``source`` and ``source_port``, and its answer, if one was waited for."""

    source: str = ""
    source_port: int | None = None
    reply: bytes | None = None
    error: str = ""


@dataclass(frozen=True)
class Verdict:
    """One row: what was probed, what should be seen, what was seen, and what to do about it."""

    name: str
    ok: bool
    expected: str
    found: str
    remedy: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """The verdict in a type that Ansible can return."""
        row = asdict(self)
        # A server may say very much. The end has what the probe itself adds.
        if len(self.found) > LONGEST:
            row["found"] = f"{self.found[: LONGEST - END - 1]}…{self.found[-END:]}"
        row.update(row.pop("extra"))
        return row


def parse_statuses(text: str) -> tuple[tuple[int, int], ...]:
    """Turn ``200-399,404`` into ranges.

    :raises ProbeError: if it is no list of status codes and ranges.
    """
    ranges = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([1-9][0-9]{2})(?:-([1-9][0-9]{2}))?\s*", part)
        if match is None:
            raise ProbeError(
                f"expect_status: {text!r} is not a list of status codes and ranges; use for example 301 or 200-399,404"
            )
        ranges.append((int(match.group(1)), int(match.group(2) or match.group(1))))
    return tuple(ranges)


def parse_url(url: str, kind: str) -> Target:
    """Take a URL apart.

    :raises ProbeError: if a probe of this kind cannot use it.
    """
    if re.search(r"[\x00-\x20\x7f]", url):
        raise ProbeError(f"url: {url!r} contains white space or control characters; encode them, for example as %20")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ProbeError(f"url: {url!r} is not a valid URL ({error}); use for example https://name/path") from error
    if parts.scheme not in SCHEMES[kind]:
        wanted = " or ".join(f"{scheme}://" for scheme in SCHEMES[kind])
        raise ProbeError(f"url: scheme {parts.scheme!r} is not supported for kind {kind}; use {wanted}")
    if not parts.hostname:
        raise ProbeError(f"url: {url!r} contains no host name; use for example {parts.scheme}://name/path")
    path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    authority = parts.netloc.rpartition("@")[2]
    tls = parts.scheme in ("https", "wss")
    return Target(tls, parts.hostname, port or DEFAULT_PORTS[parts.scheme], path, authority)


def verdict_of(request: Request, ok: bool, expected: str, found: str, remedy: str = "") -> Verdict:
    """A verdict whose remedy is the request's own if it has one, except for a certificate that was refused.

    :param remedy: what helps otherwise, by what was found.
    """
    # Where the certificate was refused, nothing is known of what the request's own remedy is about.
    return Verdict(request["name"], ok, expected, found, advice(found) or request.get("remedy") or remedy)


def check_request(request: Request, where: str) -> None:
    """Refuse a probe that cannot be made, before any of them is.

    :param where: its path among the options.
    :raises ProbeError: naming the option, what is wrong and what to do.
    """
    try:
        _check_needed(request)
        if request["kind"] in SCHEMES:
            parse_url(request["url"], request["kind"])
        if request.get("expect_status"):
            parse_statuses(request["expect_status"])
        if request["kind"] == "dns":
            _check_lookup(request["domain"])
        if request["kind"] in ("dns", "xmpp") and request.get("expect_address"):
            _check_addresses(request["expect_address"])
        if request["kind"] == "xmpp":
            _check_account(request)
        _check_pattern(request.get("expect_body"))
        _check_headers(request.get("headers") or {})
    except ProbeError as error:
        raise ProbeError(f"{where}.{error}") from error


def judge_http(request: Request, seen: HttpSeen) -> Verdict:
    """Compare one HTTP answer with what was expected of it."""
    expected = _http_expectation(request)
    if seen.status is None:
        return _verdict(request, False, expected, seen.error)
    pattern = request.get("expect_body")
    has_body = not pattern or re.search(pattern, seen.body) is not None
    ok = has_body and _status_fits(request, seen.status) and _location_fits(request, seen.location)
    found = f"{seen.status} {seen.location}".rstrip()
    if pattern and has_body:
        found += ", body matches"
    elif not ok:
        found += excerpt(seen.body)
    return _verdict(request, ok, expected, found)


def judge_websocket(request: Request, seen: WebsocketSeen) -> Verdict:
    """Say whether the XMPP server opened a stream of the domain that was asked for."""
    domain = request["domain"]
    expected = f"101, stream from {domain}"
    problem = handshake_words(seen)
    if problem:
        return _verdict(request, False, expected, problem)
    origin = stream_origin(seen.answer)
    if not origin:
        why = seen.error or (f"the server sent {shorten(seen.answer)}" if seen.answer else "the server sent nothing")
        return _verdict(request, False, expected, f"101, no stream: {why}")
    return _verdict(request, origin == domain, expected, f"101, stream from {origin}")


def handshake_words(seen: WebsocketSeen) -> str:
    """Why there is no WebSocket, empty if there is one."""
    if seen.status is None:
        return seen.error
    if seen.status != 101:
        return f"{seen.status}{excerpt(seen.body)}"
    return f"101, {seen.problem}" if seen.problem else ""


def judge_udp(request: Request, seen: UdpSeen) -> Verdict:
    """Say whether a datagram was sent and, where one is expected, answered."""
    wants_reply = bool(request.get("expect_reply"))
    expected = "a reply" if wants_reply else "datagram sent"
    sent = f"sent from {seen.source}:{seen.source_port}" if seen.source else "not sent"
    if seen.error:
        ok, found = False, f"{sent}, {seen.error}"
    elif wants_reply:
        ok, found = seen.reply is not None, f"{sent}, {_reply_words(seen.reply)}"
    else:
        ok, found = True, sent
    return _verdict(request, ok, expected, found, {"source": seen.source, "source_port": seen.source_port})


def stream_origin(text: str) -> str:
    """The ``from`` of an RFC 7395 open element, or an empty string."""
    element = re.search(r"<(?:\w+:)?open\b([^<>]*)>", text)
    origin = element and re.search(r"""\sfrom\s*=\s*(["'])(.*?)\1""", element.group(1))
    return origin.group(2) if origin else ""


def _check_needed(request: Request) -> None:
    missing = [option for option in NEEDED[request["kind"]] if not request.get(option)]
    if missing:
        remedy = " and ".join(missing)
        raise ProbeError(f"{missing[0]}: no value, but kind {request['kind']} requires one; set {remedy}")


def _check_lookup(domain: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?", domain):
        raise ProbeError(f"domain: {domain!r} is not a name of DNS; use for example meet.example.org")


def _check_addresses(text: str) -> None:
    for address in text.split() or [text]:
        try:
            ipaddress.IPv4Address(address)
        except ValueError:
            raise ProbeError(f"expect_address: {address!r} is not an IPv4 address; use for example 192.0.2.1") from None


def _check_account(request: Request) -> None:
    username, password = (request.get(option) or "" for option in ("username", "password"))
    if bool(username) != bool(password):
        given, missing = ("username", "password") if username else ("password", "username")
        raise ProbeError(f"{missing}: no value, but {given} has one; set both, or none for a guest")
    if "@" in username:
        raise ProbeError(f"username: {username!r} contains a domain; give the name alone, and set login_domain")
    if username and urlsplit(request["url"]).scheme in ("ws", "http"):
        raise ProbeError("url: this URL is not encrypted, and a password would be visible; use wss:// or https://")


def _check_pattern(pattern: str | None) -> None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        what = f"{pattern!r} is not a regular expression ({error})"
        raise ProbeError(f"expect_body: {what}; correct or escape it") from error


def _check_headers(headers: Mapping[str, Any]) -> None:
    for name, value in headers.items():
        if re.search(r"[\r\n\x00]", f"{name}{value}") or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", str(name)):
            remedy = "use one line, and a name of letters, digits and hyphens"
            raise ProbeError(f"headers: {name!r} is not a valid header; {remedy}")


def _http_expectation(request: Request) -> str:
    words = [request["expect_status"]] if request.get("expect_status") else ["an answer"]
    if request.get("expect_location"):
        words[0] += f" {request['expect_location']}"
    if request.get("expect_body"):
        words.append(f"body matches {request['expect_body']}")
    return ", ".join(words)


def _status_fits(request: Request, status: int) -> bool:
    wanted = request.get("expect_status")
    return not wanted or any(low <= status <= high for low, high in parse_statuses(wanted))


def _location_fits(request: Request, location: str) -> bool:
    wanted = request.get("expect_location")
    return not wanted or wanted == location


def _reply_words(reply: bytes | None) -> str:
    return "no reply" if reply is None else f"reply of {len(reply)} bytes"


def excerpt(body: str) -> str:
    """What an unwanted page says to people: its own words name the cause more often than its status."""
    body = body[:EXCERPT_READ]
    without_code = re.sub(r"(?is)<(style|script)\b.*?</\1\s*>", " ", body)
    words = shorten(re.sub(r"<[^<>]*>", " ", without_code)) or shorten(body)
    return f", body: {words}" if words else ""


def shorten(text: str) -> str:
    """A text in one line, and no longer than a row bears."""
    words = " ".join(text.split())
    return words if len(words) <= EXCERPT_LENGTH else words[: EXCERPT_LENGTH - 1] + "…"


def _verdict(request: Request, ok: bool, expected: str, found: str, extra: Mapping[str, Any] | None = None) -> Verdict:
    return replace(verdict_of(request, ok, expected, found), extra=extra or {})
