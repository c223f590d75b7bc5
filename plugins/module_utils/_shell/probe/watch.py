# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process that watches for a datagram in the background, until somebody asks it what it saw.

It listens on a socket in the file system, so that nobody has to look again and again whether it is ready or done.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import time
from typing import Any, Callable

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.datagram import Datagram, described

from .capture import CaptureError, next_datagram, open_capture

#: Seconds that the answer of a watch may take beyond those that it was asked to wait.
GRACE = 5.0


def start_watch(path: str, port: int, token: str, seconds: float) -> None:
    """Watch for a datagram in a process of its own, from now on until :func:`end_watch` or for some seconds.

    :param path: where the process listens. Nothing may be there yet.
    :raises CaptureError: if there can be no capture, or no socket at the path.
    """
    with open_capture(port) as capture, _listen(path) as server:
        _in_the_background(lambda: _serve(path, server, _Watch(capture, port, token), seconds))


def end_watch(path: str, seconds: float) -> dict[str, Any]:
    """Wait up to some seconds for the datagram, end the watch, and say what it saw, as :func:`described` does.

    :raises CaptureError: if nothing listens at the path, or it does not answer.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(seconds + GRACE)
        try:
            connection.connect(path)
            connection.sendall(f"{seconds}\n".encode("ascii"))
            with connection.makefile("rb") as answer:
                return dict(json.loads(answer.read()))
        except (OSError, ValueError) as error:
            raise CaptureError(
                f"path: the watch at {path!r} does not answer ({error}); it ends after its timeout: start another one"
            ) from error


class _Watch:
    """What one process has seen, and who waits for it."""

    def __init__(self, capture: socket.socket, port: int, token: str) -> None:
        self.capture = capture
        self._port = port
        self._token = token
        self.seen: Datagram | None = None

    def look(self) -> None:
        """Take the next datagram from the capture, and keep it if it is the wanted one."""
        self.seen = next_datagram(self.capture, self._port, self._token)


def _listen(path: str) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        # Fails where something is already, so that nothing planted is taken for ours.
        server.bind(path)
        server.listen(1)
    except OSError as error:
        server.close()
        raise CaptureError(
            f"path: {path!r} cannot be created ({error.strerror or error}); choose a new name in an existing folder"
        ) from error
    finally:
        os.umask(mask)
    return server


def _in_the_background(work: Callable[[], None]) -> None:
    """Run something in a process that outlives this one and holds none of its streams."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork() == 0:
            os.chdir("/")
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nothing, stream)
            work()
    finally:
        # Not sys.exit: what this process would do at its end, its parent does.
        os._exit(0)


def _serve(path: str, server: socket.socket, watch: _Watch, seconds: float) -> None:
    client: socket.socket | None = None
    deadline = time.monotonic() + seconds
    try:
        while not (client and watch.seen):
            sources = [*([] if client else [server]), *([] if watch.seen else [watch.capture])]
            readable, _writable, _failed = select.select(sources, [], [], max(0.0, deadline - time.monotonic()))
            if not readable:
                break
            if watch.capture in readable:
                watch.look()
            if server in readable:
                client, patience = _accept(server)
                deadline = time.monotonic() + patience
        if client:
            client.sendall(json.dumps(described(watch.seen)).encode("ascii"))
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def _accept(server: socket.socket) -> tuple[socket.socket, float]:
    """The one who asks, and how many seconds it gives the datagram."""
    client = server.accept()[0]
    client.settimeout(GRACE)
    with client.makefile("rb") as question:
        return client, float(question.readline())
