# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""One datagram, and its answer where one is expected."""

from __future__ import annotations

import contextlib
import socket
from typing import Any, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import UdpSeen
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.connection import FAILURES, explain


def see_udp(request: Mapping[str, Any], timeout: float) -> UdpSeen:
    """Send the datagram and return what became of it; never raises for a probe that fails.

    :param timeout: seconds to wait for the answer.
    """
    try:
        family, address = _resolve(request["address"], request["port"])
    except FAILURES as error:
        return UdpSeen(error=explain(error, timeout))
    with contextlib.closing(socket.socket(family, socket.SOCK_DGRAM)) as sender:
        sender.settimeout(timeout)
        try:
            # A connected socket knows its own address, and is told when the port is closed.
            sender.connect(address)
            source, source_port = sender.getsockname()[:2]
            sender.send((request.get("payload") or "").encode("utf-8"))
        except FAILURES as error:
            return UdpSeen(error=explain(error, timeout))
        if not request.get("expect_reply"):
            return UdpSeen(source, source_port)
        try:
            return UdpSeen(source, source_port, reply=sender.recv(65535))
        except FAILURES as error:
            return UdpSeen(source, source_port, error=explain(error, timeout))


def _resolve(host: str, port: int) -> tuple[int, Any]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    return found[0][0], found[0][4]
