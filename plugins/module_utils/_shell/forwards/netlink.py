# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's table of connections, over netlink."""

from __future__ import annotations

import os
import socket
from typing import Callable, Iterator, Sequence

from ..._core.forwards import ctnetlink
from ..._core.forwards.conntrack import Flow

# The kernel queues an answer for each deletion that fails; more of them would not fit.
_AT_ONCE = 100
_BUFFER = 1 << 18


def open_socket() -> socket.socket:
    """Open a socket to the kernel's table of connections."""
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, ctnetlink.NETLINK_NETFILTER)


def udp_flows(connection: socket.socket) -> Iterator[tuple[Flow, bytes]]:
    """Read every flow of UDP over IPv4, each with the key by which it is deleted.

    :raises OSError: if the kernel refuses.
    :raises ValueError: if it sends something strange.
    """
    connection.send(ctnetlink.list_all())
    while True:
        for kind, body in ctnetlink.messages(connection.recv(_BUFFER)):
            if kind in (ctnetlink.DONE, ctnetlink.ERROR):
                _raise_error(body)
                return
            found = ctnetlink.udp_flow(body)
            if found:
                yield found


def delete(connection: socket.socket, keys: Sequence[bytes], goes_on: Callable[[], bool]) -> int:
    """Delete flows; one that has ended meanwhile is no failure.

    :param goes_on: asked before each hundred whether there is time for it.
    :returns: how many were dealt with.
    :raises OSError: if the kernel refuses.
    """
    done = 0
    while done < len(keys) and goes_on():
        some = keys[done : done + _AT_ONCE]
        connection.send(ctnetlink.deletions(some))
        _await_acknowledgement(connection)
        done += len(some)
    return done


def _await_acknowledgement(connection: socket.socket) -> None:
    while True:
        for kind, body in ctnetlink.messages(connection.recv(_BUFFER)):
            if kind == ctnetlink.ERROR:
                _raise_error(body, but=FileNotFoundError)
                if ctnetlink.is_acknowledgement(body):
                    return


def _raise_error(body: bytes, but: type[OSError] | tuple[type[OSError], ...] = ()) -> None:
    number = ctnetlink.error(body)
    if number:
        error = OSError(number, os.strerror(number))
        if not isinstance(error, but):
            raise error
