# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many connections an Apache shall hold at a time, and what it has to be told for it.

A WebSocket keeps a worker for as long as it is open. A reload keeps the process of each open WebSocket beside the new
ones, so processes are needed for those that reloads leave behind, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from ..errors import CoreError

#: WebSockets of one participant: that of XMPP, and in some releases that of the bridge.
_EACH = 2
#: Workers for whatever else is asked: as many as Debian gives to all.
_OTHERS = 150
_PER_PROCESS = 64
#: Processes that reloads may leave behind. An unused place costs some kilobytes.
_LEFT_BEHIND = 128
_SPARE = (64, 256)
MOST_PARTICIPANTS = 10000
_FIRST_LINE = "# Managed by Ansible: selfhosted.jitsi.reverse_proxy. Changes made here are lost with its next run."


class SizeError(CoreError):
    """A number that cannot be. The message says what is wrong and what to do about it."""


@dataclass(frozen=True)
class Size:
    """What Apache is told, by the names of its settings.

    :param limits: what only a start changes.
    :param workers: what a reload changes, too.
    """

    limits: Mapping[str, int]
    workers: Mapping[str, int]

    @property
    def room(self) -> int:
        """How many connections are held at a time."""
        return self.workers["MaxRequestWorkers"]


def needed(participants: int) -> int:
    """How many workers a conference of so many people needs, beside what else is asked.

    :raises SizeError: if that many cannot be.
    """
    if not 1 <= participants <= MOST_PARTICIPANTS:
        raise SizeError(
            f"participants: {participants} is not between 0 and {MOST_PARTICIPANTS}; give the number of simultaneous "
            "participants, or 0 to keep the size of Apache"
        )
    return _EACH * participants + _OTHERS


def choose(participants: int, mpm: str, found: Mapping[str, int]) -> Size:
    """Decide; what is higher already stays so.

    :param mpm: what runs Apache's workers: event, worker or prefork.
    :param found: what others set, by the names of the settings in lower case.
    :raises SizeError: if that many cannot be.
    """
    workers = max(needed(participants), found.get("maxrequestworkers", 0))
    if mpm == "prefork":
        return Size({"ServerLimit": max(workers, found.get("serverlimit", 0))}, {"MaxRequestWorkers": workers})
    threads = max(_PER_PROCESS, found.get("threadsperchild", 0))
    processes = -(-workers // threads)
    # In steps, so that a few people more need no restart.
    places = -(-(processes + _LEFT_BEHIND) // _PER_PROCESS) * _PER_PROCESS
    limits = {
        "ServerLimit": max(places, found.get("serverlimit", 0)),
        "ThreadLimit": max(threads, found.get("threadlimit", 0)),
    }
    spare = {
        name: max(least, found.get(name.lower(), 0))
        for name, least in zip(("MinSpareThreads", "MaxSpareThreads"), _SPARE)
    }
    return Size(limits, {"ThreadsPerChild": threads, "MaxRequestWorkers": processes * threads, **spare})


def room(mpm: str, effective: Mapping[str, int]) -> int:
    """How many connections an Apache with these settings holds at a time."""
    servers = effective.get("serverlimit", 256 if mpm == "prefork" else 16)
    threads = 1 if mpm == "prefork" else effective.get("threadsperchild", 25)
    return min(effective.get("maxrequestworkers", servers * threads), servers * threads)


def render(mpm: str, settings: Mapping[str, int]) -> str:
    """The text of a file with these settings."""
    lines = [f"    {name} {value}" for name, value in settings.items()]
    return "\n".join([_FIRST_LINE, f"<IfModule mpm_{mpm}_module>", *lines, "</IfModule>", ""])
