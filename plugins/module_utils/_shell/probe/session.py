# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP requests to one server, one after the other over one connection."""

from __future__ import annotations

import http.client
import socket
import time
from typing import Any, Mapping, NamedTuple

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import HttpSeen, ProbeError, Target
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.connection import (
    FAILURES,
    answers_within,
    explain,
    open_stream,
)

AGENT = "selfhosted.jitsi-probe"
MAXIMUM_TEXT = 1 << 22


class Answer(NamedTuple):
    """An HTTP answer whose body is whole."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Session:
    """A connection that is opened when it is needed, and again if the server has closed it.

    :param request: the probe, whose address, port, ca and headers count.
    :param timeout: seconds until the deadline.
    """

    def __init__(self, target: Target, request: Mapping[str, Any], timeout: float) -> None:
        self._target = target
        self._request = request
        self._connection = http.client.HTTPConnection(target.host, target.port)
        # Without its socket it would connect to the URL's name, and without TLS.
        self._connection.auto_open = 0
        self._connection.response_class = answers_within(self._remaining)
        self.more_time(timeout)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def more_time(self, timeout: float) -> None:
        """Count the seconds anew."""
        self._deadline = time.monotonic() + timeout

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], maximum: int, body: bytes | None = None
    ) -> Answer:
        """Send a request and read the whole answer.

        :param maximum: bytes of a body at most.
        :raises OSError: if there is no connection, no trust, or no answer in time.
        :raises http.client.HTTPException: if the answer is not HTTP, or ends too early.
        :raises ProbeError: if the body is too long.
        """
        is_used = self._connection.sock is not None
        try:
            return self._exchange(method, path, headers, maximum, body)
        except ConnectionError:
            # A server may close a connection that waits at any time.
            self._connection.close()
            if not is_used:
                raise
            return self._exchange(method, path, headers, maximum, body)
        except BaseException:
            # Half an answer may follow.
            self._connection.close()
            raise

    def _exchange(self, method: str, path: str, headers: Mapping[str, str], maximum: int, body: bytes | None) -> Answer:
        self.connect()
        own = {str(name): str(value) for name, value in (self._request.get("headers") or {}).items()}
        words = {"Host": self._target.authority, "User-Agent": AGENT, **headers, **own}
        self._connection.request(method, path, body, words)
        response = self._connection.getresponse()
        content = bytearray()
        # Newer Pythons close an answer, and with it a connection that ends, with the last bytes.
        while not response.isclosed():
            chunk = response.read1(65536)
            if not chunk:
                break
            content += chunk
            if len(content) > maximum:
                raise ProbeError(f"the answer has more than {maximum} bytes")
        # Where the length was known, reading to the end is not yet the end for http.client.
        response.close()
        if response.length:
            raise http.client.IncompleteRead(bytes(content), response.length)
        return Answer(response.status, response.headers, bytes(content))

    def connect(self) -> socket.socket:
        """The connection, which is opened if there is none.

        :raises OSError: if there is no connection or no trust.
        :raises ProbeError: if ca is unusable.
        """
        remaining = self._remaining()
        stream: socket.socket | None = self._connection.sock
        if stream is None:
            address, port, ca = (self._request.get(option) for option in ("address", "port", "ca"))
            stream = self._connection.sock = open_stream(self._target, address, port, ca, remaining)
        stream.settimeout(remaining)
        return stream

    def _remaining(self) -> float:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise socket.timeout
        return remaining


def load(session: Session, path: str, timeout: float, maximum: int = MAXIMUM_TEXT) -> HttpSeen:
    """Load one text of so many bytes at most; an error is a part of what was seen."""
    try:
        answer = session.ask("GET", path, {}, maximum)
    except FAILURES as error:
        return HttpSeen(error=explain(error, timeout))
    location, content_type = (answer.headers.get(name) or "" for name in ("Location", "Content-Type"))
    text = answer.body.decode("utf-8-sig", "replace")
    return HttpSeen(answer.status, location, text, content_type=content_type)
