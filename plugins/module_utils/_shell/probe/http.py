# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP request, without following redirects."""

from __future__ import annotations

import http.client
import socket
import time
from typing import Any, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import HttpSeen, Target, parse_url
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.connection import (
    FAILURES,
    answers_within,
    explain,
    open_stream,
)

MAXIMUM_BODY = 1 << 20


def see_http(request: Mapping[str, Any], timeout: float) -> HttpSeen:
    """Send the request and return what came back; never raises for a probe that fails.

    :param timeout: seconds for each step.
    """
    target = parse_url(request["url"], "http")
    connection = http.client.HTTPConnection(target.host, target.port, timeout=timeout)
    try:
        connection.sock = open_stream(target, request.get("address"), request.get("port"), request.get("ca"), timeout)
        return _exchange(connection, target, request, timeout)
    except FAILURES as error:
        return HttpSeen(error=explain(error, timeout))
    finally:
        connection.close()


def _exchange(
    connection: http.client.HTTPConnection, target: Target, request: Mapping[str, Any], timeout: float
) -> HttpSeen:
    headers = {"Host": target.authority, "User-Agent": "selfhosted.jitsi-probe", "Connection": "close"}
    headers.update({str(name): str(value) for name, value in (request.get("headers") or {}).items()})
    body = request.get("body")
    until = [time.monotonic() + timeout]
    connection.response_class = answers_within(lambda: until[0] - time.monotonic())
    connection.request(request.get("method") or "GET", target.path, body.encode("utf-8") if body else None, headers)
    response = connection.getresponse()
    until[0] = time.monotonic() + timeout
    text = _read_body(response).decode("utf-8", "replace")
    return HttpSeen(response.status, response.getheader("Location") or "", text)


def _read_body(response: http.client.HTTPResponse) -> bytes:
    """Read until the end, the limit or the deadline. What a body that names no end brought until then counts."""
    body = b""
    try:
        while len(body) < MAXIMUM_BODY:
            chunk = response.read1(65536)
            if not chunk:
                break
            body += chunk
    except socket.timeout:
        if response.length or not body:
            raise
    return body
