# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forget flows of UDP that a changed forward would not move.

An attacker decides how many flows there are. So nothing waits for this: which forwards changed is noted before the
rules change, and the flows are forgotten after the change is confirmed or put back, without the lock, in limited time.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import Sequence

from ..._core.forwards import conntrack as flows
from ..._core.forwards import iptables as ruleset
from .. import lock
from ..commands import CommandError, Runner
from . import netlink as conntrack
from .iptables import save

_SECONDS = 10
#: At most so many further looks for flows that late answers have opened again, and the seconds before each.
_LOOKS, _PAUSE = 30, 0.1
_STAY = "a client that keeps sending reaches its earlier guest until it pauses for some minutes"


def _note(name: str) -> str:
    return os.path.join(lock.RUNTIME, f"{name}.flows")


def owe(name: str, before: Sequence[str], after: Sequence[str]) -> None:
    """Note that the flows of forwards that are about to change have to be forgotten. The caller holds the lock.

    :param before, after: the own rules of the table nat.
    """
    changed = flows.changed(before, after)
    if not changed:
        return
    lines = list(dict.fromkeys([*_owed(name), *changed]))
    with open(f"{_note(name)}.new", "w", encoding="utf-8", errors="surrogateescape") as file:
        json.dump(lines, file)
    os.replace(f"{_note(name)}.new", _note(name))


def _owed(name: str) -> list[str]:
    try:
        with open(_note(name), encoding="utf-8", errors="surrogateescape") as file:
            owed: list[str] = json.load(file)
    except (FileNotFoundError, ValueError):
        return []
    return owed


def forget_owed(name: str, run: Runner) -> tuple[str, ...]:
    """Delete the flows of one owner's changed forwards that do not go where the rules send them now, and no others.

    :returns: what was done, one sentence each.
    """
    owed = _owed(name)
    if not owed:
        return ()
    end = time.monotonic() + _SECONDS
    try:
        now = ruleset.own_rules("nat", name, save(run, "nat"))
        done, failure = _forget(flows.Concern(owed, now), end)
    except (CommandError, OSError, ValueError) as error:
        return (f"Cannot delete UDP flows: {error}; {_STAY}",)
    finally:
        # Another run may have noted more meanwhile, and forgets it itself.
        if _owed(name) == owed:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(_note(name))
    notes = [f"{done} UDP flow(s) to earlier targets were deleted"] if done else []
    if failure:
        notes.append(f"{failure}: {_STAY}")
    return tuple(notes)


def _forget(concern: flows.Concern, end: float) -> tuple[int, str]:
    """Return how many flows were deleted, and why others are left, or ""."""
    done, is_late = _forget_once(concern, end)
    if is_late:
        return done, f"{_SECONDS} seconds were not enough to delete all UDP flows to earlier targets"
    if done:
        # An answer on its way opens its flow again, from the guest's side, if it comes before the client's next packet.
        for _look in range(_LOOKS):
            time.sleep(_PAUSE)
            if not _forget_once(concern, end)[0]:
                return done, ""
        return done, "Earlier targets keep sending to their clients, and open deleted UDP flows again"
    return 0, ""


def _forget_once(concern: flows.Concern, end: float) -> tuple[int, bool]:
    keys = []
    in_time = True
    with conntrack.open_socket() as connection:
        connection.settimeout(_SECONDS)
        for flow, key in conntrack.udp_flows(connection):
            if concern.has(flow):
                keys.append(key)
            in_time = time.monotonic() < end - _SECONDS / 2
            if not in_time:
                break
    if not keys:
        return 0, not in_time
    # The rest of a list that was not read to its end would come before the answers.
    with conntrack.open_socket() as connection:
        connection.settimeout(_SECONDS)
        done = conntrack.delete(connection, keys, lambda: time.monotonic() < end)
    return done, not in_time or done < len(keys)
