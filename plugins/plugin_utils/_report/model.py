# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of a check, in the form that all its reports are written from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Mapping, Sequence

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.explained.words import way_of
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.rows import Row

#: How the text of a row begins whose machine could not tell; such a row is no failure.
NOT_JUDGED = "not judged"


class State(Enum):
    """The state of a row or of a place."""

    OK = "ok"
    FAILING = "failing"
    FOLLOWS = "follows"
    UNJUDGED = "not judged"


@dataclass(frozen=True)
class Machine:
    """A machine of the site.

    :param role: ``outside``, ``nat_host``, ``proxy``, ``jitsi`` or ``bridge``. A machine of two roles is listed twice.
    :param address: its address, that of the host on the Internet; empty if it is not known.
    """

    name: str
    role: str
    address: str


@dataclass(frozen=True)
class Forward:
    """A port that the host forwards.

    :param port: one port or a range, such as ``10000`` or ``49160-49200``.
    :param to: the address of the machine that receives it.
    """

    protocol: str
    port: str
    to: str

    @property
    def label(self) -> str:
        """Return protocol and port, such as ``tcp/443``."""
        return f"{self.protocol}/{self.port}"


@dataclass(frozen=True)
class Backend:
    """A site of the proxy, and the URL that it passes the site's requests to."""

    site: str
    url: str


@dataclass(frozen=True)
class Report:
    """The results of one check.

    :param fqdn: the name of the Jitsi site.
    :param when: the time of the check as ISO 8601 in UTC, such as ``2026-11-29T12:00:00Z``.
    :param versions: names of programs and their versions.
    :param public_address: the address that the site has on the Internet.
    """

    fqdn: str
    when: str
    versions: Mapping[str, str]
    public_address: str
    machines: Sequence[Machine]
    forwards: Sequence[Forward]
    backends: Sequence[Backend]
    rows: Sequence[Row]

    @property
    def ok(self) -> bool:
        """Return whether the site was checked and no check failed."""
        return bool(self.rows) and all(row.ok for row in self.rows)

    @property
    def not_judged(self) -> int:
        """Return the number of rows that tell neither success nor failure."""
        return sum(is_unjudged(row) for row in self.rows)


@dataclass(frozen=True)
class Finding:
    """A failed row that no other row explains.

    :param follows: the failed rows that it explains, directly or through one another, in the order of the table.
    """

    row: Row
    follows: Sequence[Row]


@dataclass(frozen=True)
class Place:
    """A part of the site that rows belong to.

    :param kind: ``forward``, ``site``, ``machine``, or ``several`` for rows about several machines.
    :param name: the label of the forward, or the name of the site or the machine.
    """

    kind: str
    name: str


def is_unjudged(row: Row) -> bool:
    """Return whether the row tells neither success nor failure."""
    return row.ok and row.found.startswith(NOT_JUDGED)


def findings(report: Report) -> list[Finding]:
    """Return the failed rows that no other row explains; each failed row appears once, here or under one of these."""
    roots = _roots(report.rows)
    under: dict[int, list[Row]] = {root: [] for root in sorted(set(roots.values()))}
    for index, root in roots.items():
        if index != root:
            under[root].append(report.rows[index])
    return [Finding(report.rows[root], follows) for root, follows in under.items()]


def states(report: Report) -> list[State]:
    """Return the state of each row, in the order of the rows."""
    roots = _roots(report.rows)
    return [_state(row, index, roots) for index, row in enumerate(report.rows)]


def place_of(report: Report, row: Row) -> Place:
    """Return the place of a row: a forward or a site that its name begins with, or else its machine."""
    start, colon, _rest = row.name.partition(":")
    ends = {forward.to for forward in report.forwards if forward.label == start}
    if colon and ends:
        elsewhere = _elsewhere(report, row, ends)
        return Place("machine", elsewhere) if elsewhere else Place("forward", start)
    if colon and start in {backend.site for backend in report.backends}:
        return Place("site", start)
    return Place("machine", row.machine) if row.machine else Place("several", "")


def place_states(report: Report) -> dict[Place, State]:
    """Return the state of each place that has rows.

    A failing row counts more than one that follows, and one that follows more than the others. A place is not judged
    only if none of its rows is.
    """
    judged = list(zip(report.rows, states(report)))
    seen: dict[Place, set[State]] = {}
    for row, state in judged:
        seen.setdefault(place_of(report, row), set()).add(state)
    order = (State.FAILING, State.FOLLOWS, State.OK, State.UNJUDGED)
    known = {place: next(state for state in order if state in found) for place, found in seen.items()}
    # Rows about sites name the site. One that works shows that its packets pass the forward.
    for forward in report.forwards:
        passed = {state for row, state in judged if _uses(row, forward)}
        if passed:
            best = next(state for state in (State.OK, State.FOLLOWS, State.FAILING) if state in passed)
            known.setdefault(Place("forward", forward.label), best)
    return known


def _uses(row: Row, forward: Forward) -> bool:
    protocol, port = way_of(row)
    return row.subject == "outside" and forward.label == f"{protocol}/{port}" and not is_unjudged(row)


def _elsewhere(report: Report, row: Row, ends: set[str]) -> str:
    """Return the machine that the row is about, if it has a public address of its own and no forward leads there."""
    named = (machine for machine in report.machines if f" on {machine.name} " in f"{row.name} ")
    return next((machine.name for machine in named if machine.address not in ends), "")


def _state(row: Row, index: int, roots: Mapping[int, int]) -> State:
    if row.ok:
        return State.UNJUDGED if is_unjudged(row) else State.OK
    return State.FAILING if roots[index] == index else State.FOLLOWS


def _roots(rows: Sequence[Row]) -> dict[int, int]:
    """Return the index of the finding for the index of each failed row."""
    failed = [index for index, row in enumerate(rows) if not row.ok]
    named: dict[str, int] = {}
    for index in failed:
        named.setdefault(rows[index].name, index)
    causes = {index: named[rows[index].cause] for index in failed if rows[index].cause in named}
    return {index: _root(index, causes) for index in failed}


def _root(index: int, causes: Mapping[int, int]) -> int:
    """Follow the causes to the last one; the first row of a circle stands for all of them."""
    path = [index]
    while path[-1] in causes:
        cause = causes[path[-1]]
        if cause in path:
            return min(path[path.index(cause) :])
        path.append(cause)
    return path[-1]
