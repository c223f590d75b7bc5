# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A WebSocket to an XMPP server, and the probe that goes up to the server's stream header."""

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
    handshake_words,
    parse_url,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.websocket import (
    CLOSE,
    FURTHER,
    MAXIMUM_LENGTH,
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


class HandshakeError(ProbeError):
    """An answer that opens no WebSocket."""

    def __init__(self, seen: WebsocketSeen) -> None:
        super().__init__(handshake_words(seen))
        self.seen = seen


def see_websocket(request: Mapping[str, Any], timeout: float) -> WebsocketSeen:
    """Shake hands, ask for a stream and return what came back; never raises for a probe that fails.

    :param timeout: seconds for the whole probe once it is connected.
    """
    try:
        opened = open_websocket(request, timeout)
    except HandshakeError as error:
        return error.seen
    except FAILURES as error:
        return WebsocketSeen(error=explain(error, timeout))
    with contextlib.closing(opened):
        try:
            opened.send(open_element(request["domain"]))
            return WebsocketSeen(101, answer=opened.receive())
        except FAILURES as error:
            return WebsocketSeen(101, error=explain(error, timeout))


def open_websocket(request: Mapping[str, Any], timeout: float) -> WebSocket:
    """Connect and shake hands.

    :param timeout: seconds for each step of the connection, and then until the deadline.
    :raises HandshakeError: if the server does not speak WebSocket and XMPP.
    :raises OSError: if there is no connection, no trust, or no answer in time.
    :raises ProbeError: if the answer is not HTTP.
    """
    target = parse_url(request["url"], request["kind"])
    stream = open_stream(target, request.get("address"), request.get("port"), request.get("ca"), timeout)
    try:
        reader = _Reader(stream, timeout)
        key = base64.b64encode(os.urandom(16)).decode("ascii")
        headers = {str(name): str(value) for name, value in (request.get("headers") or {}).items()}
        stream.sendall(handshake_request(target, key, headers))
        status, answered = parse_handshake(reader.head())
        if status != 101:
            raise HandshakeError(WebsocketSeen(status, body=reader.rest().decode("utf-8", "replace")))
        problem = handshake_problem(key, answered)
        if problem:
            raise HandshakeError(WebsocketSeen(status, problem))
    except BaseException:
        stream.close()
        raise
    return WebSocket(stream, reader)


class WebSocket:
    """An open WebSocket. Each of its texts is one XML element."""

    def __init__(self, stream: socket.socket, reader: _Reader) -> None:
        self._stream = stream
        self._reader = reader

    def more_time(self, timeout: float) -> None:
        """Count the seconds until the deadline anew."""
        self._reader.more_time(timeout)

    def send(self, text: str) -> None:
        """Send one element.

        :raises OSError: if the connection is closed.
        """
        self._frame(TEXT, text.encode("utf-8"))

    def receive(self) -> str:
        """Wait for one element.

        :raises OSError: if none comes in time.
        :raises ProbeError: if the server closes the WebSocket, or sends too much.
        """
        text = b""
        while True:
            frame = self._reader.frame()
            if frame.opcode == PING:
                self._frame(PONG, frame.payload[:125])
            elif frame.opcode == CLOSE:
                reason = frame.payload[2:].decode("utf-8", "replace")
                raise ProbeError(f"the server closed the WebSocket {reason}".rstrip())
            elif frame.opcode in (TEXT, FURTHER):
                text += frame.payload
                if len(text) > MAXIMUM_LENGTH:
                    raise ProbeError(f"the server sent a text of more than {MAXIMUM_LENGTH} bytes")
                if frame.final:
                    return text.decode("utf-8", "replace")
            elif frame.opcode != PONG:
                raise ProbeError(f"the server sent a frame of kind {frame.opcode}, which is no text")

    def close(self) -> None:
        """End the stream and hang up; a server that is gone by now has no use for a farewell."""
        with contextlib.suppress(OSError):
            self.send(close_element())
            self._frame(CLOSE, (1000).to_bytes(2, "big"))
        self._stream.close()

    def _frame(self, opcode: int, payload: bytes) -> None:
        self._stream.sendall(encode_frame(opcode, payload, os.urandom(4)))


class _Reader:
    """Reads what it is asked for and keeps the rest; a server's first frame may follow its headers at once."""

    def __init__(self, stream: socket.socket, timeout: float) -> None:
        self._stream = stream
        self._data = b""
        self.more_time(timeout)

    def more_time(self, timeout: float) -> None:
        """Count the seconds anew."""
        self._deadline = time.monotonic() + timeout

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
