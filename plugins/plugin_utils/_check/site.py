# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge a whole site: which machine shows which subjects, in the order of the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, Sequence

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.entry import WRONG_VALUE

from . import (
    backends,
    bridge,
    certificates,
    datagram,
    host,
    outside,
    packets,
    privacy,
    services,
    turn,
    wanted,
    workers,
)
from .causes import with_causes
from .condition import machine as condition
from .failures import LOOK, lost, unreached, unread, unusual
from .rows import Part, Row, rows_of


@dataclass(frozen=True)
class Subject:
    """One subject of a machine.

    :param unread: the name of the row if a task failed; empty if the judge has such a row itself.
    """

    name: str
    judge: Callable[[str, Part], list[Verdict]]
    unread: str = "{machine} can be looked at"


BRIDGE = Subject("bridge", bridge.judge)
TCP = Subject("tcp", bridge.judge_tcp, unread="")
PACKETS = Subject("packets", packets.judge, unread="the firewall rules of {machine} can be read")
CONDITION = Subject("condition", condition.judge, unread="the condition of {machine} can be read")
WANTED = Subject("wanted", wanted.judge, unread="{machine} can be compared with the inventory")
#: The subjects that the plays of the check read, by the name with which a play marks its end.
PLAYS = {
    "outside": (
        Subject("outside", outside.judge),
        Subject("datagrams", datagram.judge),
        Subject("relay", turn.judge_relay, unread=""),
    ),
    "host": (Subject("host", host.judge), PACKETS, CONDITION),
    "proxy": (
        Subject("certificates", certificates.judge),
        Subject("backends", backends.judge),
        Subject("workers", workers.judge, unread="the size of Apache on {machine} can be read"),
        PACKETS,
        CONDITION,
        WANTED,
    ),
    "jitsi": (
        BRIDGE,
        TCP,
        Subject("services", services.judge),
        Subject("announcement", turn.judge_announcement),
        Subject("credentials", turn.judge_credentials, unread=""),
        Subject("privacy", privacy.judge),
        PACKETS,
        CONDITION,
        WANTED,
    ),
    "further": (BRIDGE, TCP, PACKETS, CONDITION, WANTED),
}


@dataclass(frozen=True)
class Record:
    """What was read on one machine.

    :param answer: the result of the first task there; None if the machine was left out on purpose.
    :param seen: the parts of the check, by their subjects.
    :param ended: the plays that ran to their ends.
    """

    answer: Mapping[str, Any] | None = None
    seen: Mapping[str, Part] = field(default_factory=dict)
    ended: Sequence[str] = ()


@dataclass(frozen=True)
class Site:
    """The machines of a site, each group in its own order."""

    jitsi: str
    nat_hosts: Sequence[str] = ()
    proxies: Sequence[str] = ()
    bridges: Sequence[str] = ()
    outside: Sequence[str] = ()

    def machines(self) -> list[str]:
        """Return every machine once."""
        return list(dict.fromkeys([*self.nat_hosts, *self.proxies, self.jitsi, *self.bridges, *self.outside]))

    def plays(self) -> list[tuple[str, str]]:
        """Return machines and plays, in the order of the table."""
        return [
            *((machine, "outside") for machine in self.outside),
            *((machine, "host") for machine in self.nat_hosts[:1] if self.proxies),
            *((machine, "proxy") for machine in self.proxies[:1]),
            (self.jitsi, "jitsi"),
            *((machine, "further") for machine in self.bridges),
        ]


def judge_site(site: Site, records: Mapping[str, Record]) -> list[Row]:
    """Return all rows, in the order of the table."""
    rows = [row for machine in site.machines() for row in _reach(site, machine, records[machine])]
    for machine, play in site.plays():
        for subject in PLAYS[play]:
            rows += _judge_part(subject, machine, records[machine].seen.get(subject.name))
    return with_causes(rows + (_conflicts(site, records) if site.bridges else []))


def _reach(site: Site, machine: str, record: Record) -> list[Row]:
    if record.answer is None:
        return []
    if record.answer.get("unreachable"):
        return rows_of("reach", machine, [unreached(machine, record.answer)])
    begun = [play for name, play in site.plays() if name == machine]
    if all(play in record.ended for play in begun):
        return []
    seen = [subject.name for play in begun for subject in PLAYS[play] if subject.name in record.seen]
    return rows_of("reach", machine, [lost(machine, seen)])


def _judge_part(subject: Subject, machine: str, part: Part | None) -> list[Row]:
    if part is None:
        return []
    if subject.unread and "failure" in part:
        name, failure = subject.unread.format(machine=machine), part["failure"]
        return rows_of(subject.name, machine, _guarded(subject.name, machine, lambda: [unread(name, failure, LOOK)]))
    return rows_of(subject.name, machine, _guarded(subject.name, machine, lambda: subject.judge(machine, part)))


def _conflicts(site: Site, records: Mapping[str, Record]) -> list[Row]:
    machines = (site.jitsi, *site.bridges)
    parts = [(machine, part) for machine in machines if (part := records[machine].seen.get("bridge")) is not None]
    read = [(machine, part) for machine, part in parts if "failure" not in part]
    return rows_of("conflicts", "", _guarded("bridge", ", ".join(machines), lambda: [bridge.judge_conflicts(read)]))


def _guarded(subject: str, machine: str, judge: Callable[[], list[Verdict]]) -> list[Verdict]:
    try:
        return judge()
    except WRONG_VALUE as error:
        return [unusual(machine, subject, type(error).__name__)]
