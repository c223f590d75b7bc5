# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A WebSocket to an XMPP server, up to the server's stream header."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import time
from typing import Any, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import (
    ProbeError,
    WebsocketSeen,
    parse_url,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.websocket import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    Frame,
    close_element,
    decode_frame,
    encode_frame,
    handshake_problem,
    handshake_request,
    open_element,
    parse_handshake,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.connection import (
    FAILURES,
    explain,
    open_stream,
)

MAXIMUM_HEAD = 65536


def see_websocket(request: Mapping[str, Any], timeout: float) -> WebsocketSeen:
    """Shake hands, ask for a stream and return what came back; never raises for a probe that fails.

    :param timeout: seconds for the whole probe once it is connected.
    """
    target = parse_url(request["url"], "websocket")
    key = base64.b64encode(os.urandom(16)).decode("ascii")
    try:
        stream = open_stream(target, request.get("address"), request.get("port"), request.get("ca"), timeout)
    except FAILURES as error:
        return WebsocketSeen(error=explain(error, timeout))
    with contextlib.closing(stream):
        reader = _Reader(stream, time.monotonic() + timeout)
        headers = {str(name): str(value) for name, value in (request.get("headers") or {}).items()}
        try:
            stream.sendall(handshake_request(target, key, headers))
            status, answered = parse_handshake(reader.head())
        except FAILURES as error:
            return WebsocketSeen(error=explain(error, timeout))
        if status != 101:
            return WebsocketSeen(status, body=reader.rest().decode("utf-8", "replace"))
        problem = handshake_problem(key, answered)
        if problem:
            return WebsocketSeen(status, problem)
        return _see_stream(stream, reader, request["domain"], timeout)


def _see_stream(stream: socket.socket, reader: _Reader, domain: str, timeout: float) -> WebsocketSeen:
    try:
        _send(stream, TEXT, open_element(domain).encode("utf-8"))
        answer = _first_text(stream, reader)
    except FAILURES as error:
        return WebsocketSeen(101, error=explain(error, timeout))
    # The verdict stands; a server that is gone by now has no use for a farewell.
    with contextlib.suppress(OSError):
        _send(stream, TEXT, close_element().encode("utf-8"))
        _send(stream, CLOSE, (1000).to_bytes(2, "big"))
    return WebsocketSeen(101, answer=answer)


def _first_text(stream: socket.socket, reader: _Reader) -> str:
    text = b""
    while True:
        frame = reader.frame()
        if frame.opcode == PING:
            _send(stream, PONG, frame.payload[:125])
        elif frame.opcode == CLOSE:
            reason = frame.payload[2:].decode("utf-8", "replace")
            raise ProbeError(f"the server closed the WebSocket {reason}".rstrip())
        elif frame.opcode != PONG:
            text += frame.payload
            if frame.final:
                return text.decode("utf-8", "replace")


def _send(stream: socket.socket, opcode: int, payload: bytes) -> None:
    stream.sendall(encode_frame(opcode, payload, os.urandom(4)))


class _Reader:
    """Reads what it is asked for and keeps the rest; a server's first frame may follow its headers at once."""

    def __init__(self, stream: socket.socket, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline
        self._data = b""

    def head(self) -> bytes:
        """Everything before the empty line."""
        while b"\r\n\r\n" not in self._data:
            if len(self._data) > MAXIMUM_HEAD:
                raise ProbeError("not an HTTP answer")
            self._receive()
        head, _separator, self._data = self._data.partition(b"\r\n\r\n")
        return head

    def frame(self) -> Frame:
        """The next frame."""
        frame = decode_frame(self._data)
        while frame is None:
            self._receive()
            frame = decode_frame(self._data)
        self._data = self._data[frame.length :]
        return frame

    def rest(self) -> bytes:
        """The beginning of a body, as far as it comes at once."""
        if not self._data:
            with contextlib.suppress(*FAILURES):
                self._receive()
        return self._data

    def _receive(self) -> None:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise socket.timeout("timed out")
        self._stream.settimeout(remaining)
        data = self._stream.recv(65536)
        if not data:
            raise ConnectionResetError("connection closed")
        self._data += data
