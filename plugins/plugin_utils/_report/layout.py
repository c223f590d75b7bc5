# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where everything in the drawing stands. Lengths are units of its view box, about a pixel each.

One column fits narrow screens. Forwards run down at the left, the first ones innermost; backends at the right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Sequence, Tuple
from urllib.parse import urlsplit

from .model import Backend, Forward, Machine, Place, Report, State

#: The corners of a line, from its beginning to its arrow.
Points = List[Tuple[float, float]]

WIDTH = 360.0
EDGE = 10.0
HEAD = 62.0
ROW = 21.0
GAP = 16.0
#: The room for all lines of one side, and between two of them.
_LANES, _LANE = 66.0, 9.0
_ROLES = {
    "outside": "probes from outside",
    "nat_host": "NAT host",
    "proxy": "reverse proxy",
    "jitsi": "Jitsi Meet with bridge",
    "bridge": "further bridge",
}


@dataclass
class Box:
    """A machine, or an address that no machine of the report has.

    :param state: None if no check belongs to it.
    """

    title: str
    role: str
    address: str
    state: State | None
    y: float = 0
    forwards: list[Forward] = field(default_factory=list)
    sites: list[Backend] = field(default_factory=list)
    sources: list[Backend] = field(default_factory=list)

    @property
    def height(self) -> float:
        """Return the height with its rows of forwards and sites."""
        rows = len(self.forwards) + len(self.sites)
        return (HEAD if self.address else HEAD - 15) + (rows * ROW + 6 if rows else 0)

    @property
    def bottom(self) -> float:
        """Return the y of its lower edge."""
        return self.y + self.height

    def row(self, index: int) -> float:
        """Return the y of the middle of a row; sites follow the forwards."""
        return self.bottom - 6 - ROW * (len(self.forwards) + len(self.sites) - index - 0.5)

    def entry(self, index: int) -> float:
        """Return the y where a backend's line ends at the right edge."""
        return self.y + HEAD / 2 + (index - (len(self.sources) - 1) / 2) * min(8.0, 44 / max(len(self.sources), 1))


@dataclass
class Layout:
    """All boxes with their places.

    :param inside: the boxes of the bridge network.
    :param left: the x of the left edges of these, and ``right`` that of the right ones.
    """

    outside: list[Box]
    hosts: list[Box]
    inside: list[Box]
    left: float
    right: float
    provider: float = 0
    network: float = 0
    height: float = 0

    def forwards(self) -> list[tuple[Forward, Points]]:
        """Return the forwards with their lines, the innermost first."""
        rows = [(one, box.row(index)) for box in self.inside for index, one in enumerate(box.forwards)]
        ways, top = [], self.hosts[-1].bottom
        for number, (forward, y) in enumerate(rows, 1):
            lane = self.left - 8 - _step(len(rows)) * number
            ways.append((forward, [(lane, top), (lane, y), (self.left, y)]))
        return ways

    def backends(self) -> list[tuple[Backend, Points]]:
        """Return the backends with their lines; of those that lead down the first is the outermost."""
        rows = [(one, box, len(box.forwards) + index) for box in self.inside for index, one in enumerate(box.sites)]
        upward = sum(any(one is source for source in box.sources) for one, box, _row in rows)
        ways: list[tuple[Backend, Points]] = []
        for number, (backend, box, row) in enumerate(rows):
            inward = len(rows) - (upward - 1 - number if number < upward else number)
            lane, y, entry = self.right + 8 + _step(len(rows)) * inward, box.row(row), self._entry(backend)
            ways.append((backend, [(self.right, y), (lane, y), (lane, entry), (self.right, entry)]))
        return ways

    def _entry(self, backend: Backend) -> float:
        ends = ((box, index) for box in self.inside for index, one in enumerate(box.sources) if one is backend)
        box, index = next(ends)
        return box.entry(index)


def lay_out(report: Report, known: dict[Place, State] | None) -> Layout:
    """Return the places of all parts of a site.

    :param known: the states of the places; None for a site without states.
    """
    boxes = {role: [_machine(one, known) for one in report.machines if one.role == role] for role in _ROLES}
    hosts = boxes["nat_host"] or [Box("public address", _ROLES["nat_host"], "", None)]
    for box in hosts:
        box.address = " · ".join(filter(None, dict.fromkeys([report.public_address, box.address])))
    inside = [*boxes["proxy"], *boxes["jitsi"], *boxes["bridge"]]
    _connect(report, inside, boxes["proxy"])
    lanes = sum(len(box.forwards) for box in inside), sum(len(box.sites) for box in inside)
    left, right = (EDGE + 4 + _step(count) * count + (12 if count else 0) for count in lanes)
    layout = Layout(boxes["outside"], hosts, inside, left, WIDTH - right)
    _stack(layout)
    return layout


def _step(count: int) -> float:
    return min(_LANE, _LANES / max(count, 1))


def _machine(machine: Machine, known: dict[Place, State] | None) -> Box:
    """Return the box of a machine. Most checks of a prober or a host belong to other places, so these may have none."""
    may_lack = machine.role in ("outside", "nat_host")
    default = None if may_lack else State.UNJUDGED
    state = None if known is None else known.get(Place("machine", machine.name), default)
    return Box(machine.name, _ROLES[machine.role], machine.address, state)


def _connect(report: Report, inside: list[Box], proxies: Sequence[Box]) -> None:
    """Give the boxes their forwards and backends; add a box for each address that has none."""
    for forward in report.forwards:
        _at(inside, forward.to).forwards.append(forward)
    if not proxies:
        return
    ends = [(_at(inside, _host(backend)), backend) for backend in report.backends]
    # The lines do not cross if those to the proxy itself come first, and then the ones with the longest way.
    order = [proxies[0], *(box for box in reversed(inside) if box is not proxies[0])]
    ends.sort(key=lambda end: next(index for index, box in enumerate(order) if box is end[0]))
    for box, backend in ends:
        box.sources.insert(0, backend)
        proxies[0].sites.append(backend)


def _at(inside: list[Box], address: str) -> Box:
    for box in inside:
        if address and address in (box.address, box.title):
            return box
    inside.append(Box(address, "another address", "", None))
    return inside[-1]


def _host(backend: Backend) -> str:
    try:
        return urlsplit(backend.url).hostname or backend.url
    except ValueError:
        return backend.url


def _stack(layout: Layout) -> None:
    """Set the heights from the Internet down to the last machine."""
    y = _down(layout.outside, 28) + 4
    layout.provider = y + 18
    y = _down(layout.hosts, layout.provider + 44)
    layout.network = y + 24
    layout.height = _down(layout.inside, layout.network + 32) + 4


def _down(boxes: Sequence[Box], y: float) -> float:
    for box in boxes:
        box.y = y
        y = box.bottom + GAP
    return y - GAP + EDGE if boxes else y
