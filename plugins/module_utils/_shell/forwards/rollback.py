# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process of the host's own that puts rules back, unless somebody confirms them over a new connection in time.

It is there before the rules change, and needs neither the controller nor the module that started it. It never gives up.
What it puts back is written down, so that where it is killed another process starts it again, or the next run does its
work. A boot ends unconfirmed rules anyway.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import syslog
import time
from typing import Callable, Iterator, TypedDict

from ..._core.forwards.plan import Found, Place
from ..commands import CommandError
from ..commands import run as run_command
from ..lock import RUNTIME, lock

# Not where they are used: the process outlives the files of the module.
from . import conntrack as flows
from . import restore

_PAUSE = 0.1
# What keeps rules from being put back (a lock, another program that changes the same tables) passes within minutes.
_ALARM_SECONDS = 600
_TRY_PAUSE, _LATER_PAUSE = 2, 30
# For how long a run waits for rules that cannot be put back.
_PATIENCE = 120


class _Entry(TypedDict, total=False):
    """What the marker says; nothing, where there is none."""

    token: str
    late: bool
    seconds: int
    deadline: float
    earlier: list[tuple[str, str, str]]
    process: int
    start: str
    problem: str


def _marker(name: str) -> str:
    """The file that says that rules of this owner wait to be confirmed, and what was there before."""
    return os.path.join(RUNTIME, f"{name}.pending")


def _read(name: str) -> _Entry:
    try:
        with open(_marker(name), encoding="utf-8") as file:
            entry: _Entry = json.load(file)
    except FileNotFoundError:
        return {}
    return entry


def _write(name: str, entry: _Entry) -> None:
    marker = _marker(name)
    with open(f"{marker}.new", "w", encoding="utf-8") as file:
        json.dump(entry, file)
    os.replace(f"{marker}.new", marker)


@contextlib.contextmanager
def settled_lock(name: str, token: str = "") -> Iterator[None]:
    """Hold the lock of this host's forwards while no change of this owner waits to be confirmed or put back.

    :param token: of the change that the caller is about to confirm, for which it need not wait; empty if it is not.
    :raises CommandError: if another run holds the lock too long, or what nobody confirmed cannot be put back.
    """
    while True:
        # Whoever waited for the lock may have waited for a run that left something to be confirmed.
        with lock():
            entry = _read(name)
            if entry and not _is_watched(entry) and not _can_be_confirmed(entry, token):
                _restore(name, entry)
                entry = {}
            if token or not entry:
                yield
                return
        wait_until_settled(name)


def wait_until_settled(name: str) -> None:
    """Wait while a process waits for this owner's change to be confirmed, or puts it back.

    :raises CommandError: if it cannot put it back.
    """
    while True:
        entry = _read(name)
        if not entry or not _is_watched(entry):
            return
        if time.monotonic() > entry["deadline"] + _PATIENCE:
            raise CommandError(
                f"Cannot change the forwards of {name}: an earlier change was not confirmed, and the host cannot "
                "restore the earlier rules. Remove the cause, and the host restores them within "
                f"{_LATER_PAUSE} seconds. The last error: {entry.get('problem') or 'unknown'}"
            )
        time.sleep(_PAUSE)


def _is_watched(entry: _Entry) -> bool:
    """Whether the process still runs that shall put the rules back."""
    return _start_of(entry["process"]) == entry["start"]


def _start_of(process: int) -> str:
    """When a process started, in the kernel's count; another one may have its number later. Empty if it is gone."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            state, *fields = file.read().rpartition(") ")[2].split()
    except OSError:
        return ""
    return "" if state == "Z" else fields[18]


def _can_be_confirmed(entry: _Entry, token: str) -> bool:
    return entry["token"] == token and not entry["late"] and time.monotonic() < entry["deadline"]


def _restore(name: str, entry: _Entry) -> None:
    """Put back what was there before. The caller holds the lock, if it can be had."""
    earlier = {Place(program, table): text for program, table, text in entry["earlier"]}
    restore.put_back(name, earlier, run_command)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_marker(name))


def arm(name: str, seconds: int, earlier: Found) -> str:
    """Start the process that puts the rules back.

    :param seconds: how long it waits.
    :param earlier: what was read before the rules change.
    :returns: what :func:`disarm` wants to see.
    :raises CommandError: if it does not start.
    """
    entry: _Entry = {
        "token": os.urandom(8).hex(),
        "late": False,
        "seconds": seconds,
        "deadline": time.monotonic() + seconds,
        "earlier": [(place.program, place.table, text) for place, text in earlier.items()],
    }
    ready, started = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _detach(started)
            _guard(name, entry, started)
        finally:
            os._exit(0)
    os.close(started)
    os.waitpid(child, 0)
    try:
        if os.read(ready, 1) != b"1":
            raise CommandError(
                f"Cannot start the rollback process for the forwards of {name}; check that {RUNTIME} is writable"
            )
    finally:
        os.close(ready)
    return entry["token"]


def disarm(name: str, token: str) -> None:
    """Say that nothing has to be put back. The caller holds the lock: it would wait for itself if this took it again.

    :raises CommandError: if that was done already, or has begun.
    """
    entry = _read(name)
    if entry.get("token") == token and not entry["late"]:
        os.unlink(_marker(name))
        return
    does = "is restoring" if entry.get("token") == token else "has restored"
    raise CommandError(
        f"Cannot keep the forwards of {name}: they were not confirmed in time, and the host {does} the earlier rules"
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


def _guard(name: str, entry: _Entry, started: int) -> None:
    """Have a process watch, and start it again where it is killed."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # They come at the end of a session; what they ask for is at an end by itself.
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("-1000")
    _write(name, {**entry, "process": os.getpid(), "start": _start_of(os.getpid())})
    os.write(started, b"1")
    os.close(started)
    while not _is_done(lambda: _watch(name, entry)):
        time.sleep(_PAUSE)


def _is_done(work: Callable[[], None]) -> bool:
    """Do the work in a process of its own; return whether it came to its end."""
    try:
        child = os.fork()
    except OSError:
        return _is_done_here(work)
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def _is_done_here(work: Callable[[], None]) -> bool:
    """Do the work in this process, for the machine lets no other one start."""
    try:
        work()
    except Exception:
        return False
    return True


def _watch(name: str, entry: _Entry) -> None:
    while time.monotonic() < entry["deadline"]:
        if _read(name).get("token") != entry["token"]:
            return
        time.sleep(_PAUSE)
    _keep_trying(name, entry)


def _put_back(name: str, entry: _Entry) -> None:
    with contextlib.ExitStack() as stack:
        # Who holds the lock for so long hangs, and what it does is verified after it was done.
        with contextlib.suppress(CommandError):
            stack.enter_context(lock())
        found = _read(name)
        if found.get("token") != entry["token"]:
            return
        # While rules are put back a connection works again: whoever comes then must learn that he is late.
        with contextlib.suppress(OSError):
            _write(name, {**found, "late": True})
        _restore(name, entry)
    syslog.syslog(
        f"port-forwards: the forwards of {name} were not confirmed within {entry['seconds']} seconds;"
        " the earlier rules are restored"
    )
    flows.forget_owed(name, run_command)


def _keep_trying(name: str, entry: _Entry) -> None:
    """Try until it works, for the host may be cut off."""
    alarm = time.monotonic() + _ALARM_SECONDS
    pause = _TRY_PAUSE
    problem = ""
    while True:
        try:
            return _put_back(name, entry)
        except Exception as error:
            if str(error) != problem:
                problem = str(error)
                _tell(name, problem)
        if pause == _TRY_PAUSE and time.monotonic() > alarm:
            pause = _LATER_PAUSE
            syslog.syslog(
                syslog.LOG_CRIT,
                f"port-forwards: the earlier forwards of {name} could not be restored for {_ALARM_SECONDS} seconds, and"
                f" the host may be unreachable; retrying every {pause} seconds, and a reboot removes the unconfirmed"
                f" rules: {problem}",
            )
        time.sleep(pause)


def _tell(name: str, problem: str) -> None:
    syslog.syslog(
        syslog.LOG_ERR,
        f"port-forwards: the earlier forwards of {name} could not be restored; retrying: {problem}",
    )
    found = _read(name)
    with contextlib.suppress(OSError):
        if found:
            _write(name, {**found, "problem": problem})
