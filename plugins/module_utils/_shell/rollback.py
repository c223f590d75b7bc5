# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""A process of the host's own that puts rules back, unless somebody confirms them over a new connection in time.

It is there before the rules change, and needs neither the controller nor the module that started it.
"""

from __future__ import annotations

import contextlib
import json
import os
import syslog
import time
from typing import Callable, Iterator

from .commands import CommandError
from .lock import RUNTIME, lock

_PAUSE = 0.1
# What keeps rules from being put back (a lock, another program that changes the same tables) passes within minutes.
_TRY_SECONDS = 600
_TRY_PAUSE = 2


def _marker(name: str) -> str:
    """The file that says that rules of this owner wait to be confirmed."""
    return os.path.join(RUNTIME, f"{name}.pending")


def _read(name: str) -> dict:
    try:
        with open(_marker(name), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


@contextlib.contextmanager
def settled_lock(name: str, token: str = "") -> Iterator[None]:
    """Hold the lock of this host's forwards while no change of this owner waits to be confirmed or put back.

    :param token: of the change that the caller is about to confirm, for which it need not wait; empty if it is not.
    :raises CommandError: if another run holds the lock too long.
    """
    while True:
        # Whoever waited for the lock may have waited for a run that left something to be confirmed.
        with lock():
            if token or not _is_pending(name):
                yield
                return
        wait_until_settled(name)


def wait_until_settled(name: str) -> None:
    """Wait while a change of this owner is neither confirmed nor put back."""
    while _is_pending(name):
        time.sleep(_PAUSE)


def _is_pending(name: str) -> bool:
    entry = _read(name)
    if entry and not os.path.exists(f"/proc/{entry['process']}"):
        # Whoever should have put the rules back was killed; nobody else waits for this file.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_marker(name))
        return False
    return bool(entry)


def arm(name: str, seconds: int, put_back: Callable[[], None]) -> str:
    """Start the process that puts the rules back.

    :param seconds: how long it waits.
    :param put_back: what it calls then, holding the lock.
    :returns: what :func:`disarm` wants to see.
    :raises CommandError: if it does not start.
    """
    token = os.urandom(8).hex()
    ready, started = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _detach(started)
            _watch(name, token, seconds, put_back, started)
        finally:
            os._exit(0)
    os.close(started)
    os.waitpid(child, 0)
    try:
        if os.read(ready, 1) != b"1":
            raise CommandError(f"Cannot start the process that would put the forwards of {name} back; see {RUNTIME}")
    finally:
        os.close(ready)
    return token


def disarm(name: str, token: str) -> None:
    """Say that nothing has to be put back. The caller holds the lock: it would wait for itself if this took it again.

    :raises CommandError: if that was done already, or has begun.
    """
    entry = _read(name)
    if entry.get("token") == token and not entry.get("late"):
        os.unlink(_marker(name))
        return
    does = "puts" if entry.get("token") == token else "put"
    raise CommandError(
        f"Cannot keep the forwards of {name}: nobody confirmed them in time, and the host {does} back what was there"
        " before"
    )


def _detach(kept: int) -> None:
    """Become a process of its own, which no end of a session or of a connection reaches."""
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        # The one by which the folder was read is closed already.
        if descriptor > 2 and descriptor != kept:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _watch(name: str, token: str, seconds: int, put_back: Callable[[], None], started: int) -> None:
    _mark(name, token, late=False)
    os.write(started, b"1")
    os.close(started)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if _read(name).get("token") != token:
            return
        time.sleep(_PAUSE)
    if _keep_trying(lambda: _put_back(name, token, seconds, put_back), name):
        return
    # Nobody else waits for this file, and the next run may have more luck.
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_marker(name))


def _mark(name: str, token: str, late: bool) -> None:
    marker = _marker(name)
    with open(f"{marker}.new", "w", encoding="utf-8") as file:
        json.dump({"token": token, "process": os.getpid(), "late": late}, file)
    os.replace(f"{marker}.new", marker)


def _put_back(name: str, token: str, seconds: int, put_back: Callable[[], None]) -> None:
    with lock():
        if _read(name).get("token") != token:
            return
        # While rules are put back a connection works again: whoever comes then must learn that he is late.
        with contextlib.suppress(OSError):
            _mark(name, token, late=True)
        put_back()
        os.unlink(_marker(name))
    syslog.syslog(
        f"port-forwards: the forwards of {name} were not confirmed within {seconds} seconds and are as they were before"
    )


def _keep_trying(act: Callable[[], None], name: str) -> bool:
    """Try until it works, for the host may be cut off; return whether it did."""
    end = time.monotonic() + _TRY_SECONDS
    problem = ""
    while True:
        try:
            act()
            return True
        except Exception as error:
            if str(error) != problem:
                problem = str(error)
                syslog.syslog(
                    syslog.LOG_ERR,
                    f"port-forwards: the forwards of {name} could not be put back and are tried again: {problem}",
                )
        if time.monotonic() > end:
            syslog.syslog(
                syslog.LOG_CRIT,
                f"port-forwards: GAVE UP putting the forwards of {name} back after {_TRY_SECONDS} seconds, the host may"
                f" be cut off; run 'systemctl restart port-forwards' or reboot: {problem}",
            )
            return False
        time.sleep(_TRY_PAUSE)
