# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bytes of a WebSocket client that speaks XMPP (RFC 6455, RFC 7395)."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Mapping
from xml.sax.saxutils import quoteattr

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import ProbeError, Target

ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
FURTHER, TEXT, CLOSE, PING, PONG = 0x0, 0x1, 0x8, 0x9, 0xA
MAXIMUM_LENGTH = 1 << 20


@dataclass(frozen=True)
class Frame:
    """One frame; ``length`` counts its bytes on the wire."""

    final: bool
    opcode: int
    payload: bytes
    length: int


def handshake_request(target: Target, key: str, headers: Mapping[str, str]) -> bytes:
    """The request that asks for a WebSocket with the subprotocol xmpp, as a browser words it."""
    scheme = "https" if target.tls else "http"
    fields = {
        "Host": target.authority,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Origin": f"{scheme}://{target.authority}",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Protocol": "xmpp",
    }
    replaced = {name.lower() for name in headers}
    fields = {name: value for name, value in fields.items() if name.lower() not in replaced}
    fields.update(headers)
    lines = [f"GET {target.path} HTTP/1.1"] + [f"{name}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


def parse_handshake(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers (names in lower case) of the answer.

    :raises ProbeError: if it is no HTTP answer.
    """
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ", 2)
    if not words[0].startswith("HTTP/") or len(words) < 2 or not re.fullmatch("[0-9]{3}", words[1]):
        raise ProbeError("not an HTTP answer")
    pairs = (line.partition(":") for line in lines[1:] if ":" in line)
    found: dict[str, str] = {}
    for name, _colon, value in pairs:
        key, said = name.strip().lower(), value.strip()
        # Of a repeated header the lines are one list.
        found[key] = f"{found[key]}, {said}" if key in found else said
    return int(words[1]), found


def handshake_problem(key: str, headers: Mapping[str, str]) -> str:
    """Why a 101 is no WebSocket for XMPP after all; empty when it is one."""
    digest = hashlib.sha1((key + ACCEPT_SUFFIX).encode("ascii")).digest()
    if headers.get("sec-websocket-accept") != base64.b64encode(digest).decode("ascii"):
        return "Sec-WebSocket-Accept does not match the key of the request"
    named = [word.strip().lower() for word in headers.get("connection", "").split(",")]
    if headers.get("upgrade", "").lower() != "websocket" or "upgrade" not in named:
        return "the headers Upgrade and Connection do not say that this is a WebSocket"
    if headers.get("sec-websocket-protocol") != "xmpp":
        return "the server does not support the subprotocol xmpp"
    return ""


def open_element(domain: str) -> str:
    """The text that asks an XMPP server for a stream of a domain."""
    return f'<open xmlns="{FRAMING}" to={quoteattr(domain)} version="1.0"/>'


def close_element() -> str:
    """The text that ends the stream."""
    return f'<close xmlns="{FRAMING}"/>'


def encode_frame(opcode: int, payload: bytes, mask: bytes) -> bytes:
    """One final, masked frame, as a client has to send it.

    :param mask: four random bytes.
    """
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return bytes([0x80 | opcode]) + _length(len(payload)) + mask + masked


def _length(length: int) -> bytes:
    if length < 126:
        return bytes([0x80 | length])
    is_long = length > 65535
    return bytes([0x80 | (127 if is_long else 126)]) + length.to_bytes(8 if is_long else 2, "big")


def decode_frame(data: bytes) -> Frame | None:
    """The first frame in the data, or None while it is incomplete.

    :raises ProbeError: if the frame is longer than any stream header can be.
    """
    if len(data) < 2:
        return None
    length, start = data[1] & 0x7F, 2
    if length >= 126:
        width = 2 if length == 126 else 8
        start += width
        if len(data) < start:
            return None
        length = int.from_bytes(data[2:start], "big")
    if length > MAXIMUM_LENGTH:
        raise ProbeError(f"the server sent a frame of {length} bytes, which is too long")
    mask = b"\x00" * 4
    if data[1] & 0x80:
        mask, start = data[start : start + 4], start + 4
    if len(data) < start + length:
        return None
    payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data[start : start + length]))
    return Frame(bool(data[0] & 0x80), data[0] & 0x0F, payload, start + length)
