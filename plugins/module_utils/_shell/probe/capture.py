# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches for one datagram on any interface, beside whatever program owns the port."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
import time
from typing import Iterator

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


@contextlib.contextmanager
def ready_mark(path: str | None) -> Iterator[None]:
    """Keep a file while the capture is open, so that a sender can wait for it.

    :raises CaptureError: if the file exists or cannot be made.
    """
    if not path:
        yield
        return
    try:
        # Exclusive, so that neither a stale mark nor a planted link is taken for ours.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise CaptureError(
            f"ready_path: {path!r} cannot be created ({error.strerror}); choose a new name in an existing folder"
        ) from error
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def wait_for_datagram(capture: socket.socket, port: int, token: str, timeout: float) -> Datagram | None:
    """The first datagram to the port that contains the token, or None after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    wanted = token.encode("utf-8")
    remaining = timeout
    while remaining > 0:
        capture.settimeout(remaining)
        try:
            datagram = parse_datagram(capture.recv(65535))
        except socket.timeout:
            return None
        if is_wanted(datagram, port, wanted):
            return datagram
        remaining = deadline - time.monotonic()
    return None


def _attach_filter(capture: socket.socket, port: int) -> None:
    program = port_filter(port)
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    # Only a saving: each packet is judged again, so a kernel without filters does no harm.
    with contextlib.suppress(OSError):
        capture.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(program), ctypes.addressof(code)))
