# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A socket that sees the datagrams of any interface, beside whatever program owns their port."""

from __future__ import annotations

import contextlib
import ctypes
import socket
import struct

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import JitsiError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.datagram import (
    Datagram,
    is_wanted,
    parse_datagram,
    port_filter,
)

IPV4 = 0x0800
SO_ATTACH_FILTER = 26


class CaptureError(JitsiError):
    """The capture could not begin."""


def open_capture(port: int) -> socket.socket:
    """A socket that receives a copy of each arriving IPv4 datagram to a port.

    :raises CaptureError: if this machine or this user cannot have one.
    """
    if not hasattr(socket, "AF_PACKET"):
        raise CaptureError(
            "Cannot watch for datagrams: this system has no packet sockets; run the module on a Linux machine"
        )
    try:
        capture = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(IPV4))
    except OSError as error:
        raise CaptureError(
            f"Cannot open a packet socket: {error.strerror}; run the module as root (become: true)"
        ) from error
    _attach_filter(capture, port)
    return capture


def next_datagram(capture: socket.socket, port: int, token: str) -> Datagram | None:
    """The datagram that the socket holds next, or None if it is not one to the port that contains the token."""
    datagram = parse_datagram(capture.recv(65535))
    return datagram if is_wanted(datagram, port, token.encode("utf-8")) else None


def _attach_filter(capture: socket.socket, port: int) -> None:
    program = port_filter(port)
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    # Only a saving: each packet is judged again, so a kernel without filters does no harm.
    with contextlib.suppress(OSError):
        capture.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(program), ctypes.addressof(code)))
