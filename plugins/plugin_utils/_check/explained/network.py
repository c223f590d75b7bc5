# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a failed row explains another that needs the same packets.

Each function takes the cause, the other row, and all rows.
"""

from __future__ import annotations

import re
from typing import Sequence

from ..rows import Row
from .words import NO_WAY, SILENCE, concerns, failed_behind_proxy, is_later, site_of_jitsi, way_of, ways_in

_FROM_PROXY = "from the proxy"
_BACKEND = re.compile(r"backend \S+:([0-9]+) ")
_ARRIVES, _HOST = "reaches the bridge", "reaches the host"


def through_host(_cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about a packet that passes the host, and that had no answer. Whoever answers shows that packets pass."""
    if not SILENCE.search(row.found) or way_of(row) == NO_WAY:
        return False
    return row.subject in ("outside", "relay") or (row.subject == "datagrams" and _is_behind_host(row, rows))


def _is_behind_host(row: Row, rows: Sequence[Row]) -> bool:
    """Return whether a datagram goes to the host first. There is a row about that then, from the same machine."""
    others = (one for one in rows if one.subject == "datagrams" and one.machine == row.machine and _HOST in one.name)
    return _ARRIVES in row.name and any(way_of(one) == way_of(row) for one in others)


def through_rules(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """Such a row about a port that the rules concern, and a row about what they do with a packet."""
    backend = _BACKEND.search(row.name) if row.subject == "backends" else None
    if backend:
        # Packets between guests pass the rules of the host, too, where it filters its bridge.
        return "of another program" in cause.found and concerns(cause.found, ("tcp", int(backend[1])))
    if row.subject == "packets" and row.machine == cause.machine:
        ways = ways_in(row.name)
        return any(concerns(cause.found, way) for way in ways) or (not ways and "-SNAT" in cause.found)
    return through_host(cause, row, rows) and concerns(cause.found, way_of(row))


def same_port(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about a datagram to the same port, further on its way."""
    behind = row.subject == "datagrams" and _is_behind_host(row, rows)
    return behind and row.machine == cause.machine and way_of(row) == way_of(cause)


def same_silence(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A later row about a port that does not answer, from the same machine."""
    both = row.subject == "outside" and all(SILENCE.search(one.found) for one in (cause, row))
    return both and row.machine == cause.machine and way_of(row) == way_of(cause) and is_later(row, cause, rows)


def of_firewall(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about packets of which the cause names the protocol and the port."""
    ways = ways_in(cause.name)
    if row.subject == "backends":
        return _without_answer(row) and _stops_backend(cause, row, rows)
    if _FROM_PROXY in cause.name and failed_behind_proxy(row):
        return row.name.startswith(f"{site_of_jitsi(rows)}:")
    arrived = row.subject == "datagrams" and _HOST in row.name
    return not arrived and through_host(cause, row, rows) and way_of(row) in ways


def _without_answer(row: Row) -> bool:
    return SILENCE.search(row.found) is not None or row.found == "no certificate"


def _stops_backend(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """Return whether a rule takes what the proxy asks: at the Jitsi machine, or at a host that filters its bridge."""
    if _FROM_PROXY in cause.name:
        return row.name.startswith(f"{site_of_jitsi(rows)}:")
    backend = _BACKEND.search(row.name)
    is_host = any(one.subject == "host" and one.machine == cause.machine for one in rows)
    return is_host and backend is not None and ("tcp", int(backend[1])) in ways_in(cause.name)


def of_other_goal(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about a port that leads elsewhere, whoever answers there."""
    reached = row.subject == "outside" or through_host(cause, row, rows)
    return reached and way_of(row) in ways_in(cause.name)


def of_masquerade(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about names that guests look up."""
    return row.subject == "condition" and "finds names and has a way out" in row.name


def of_address(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about what is reached at the address that the machine does not have."""
    address = f" {cause.found.rpartition(' ')[2]}:"
    backends = [one for one in rows if one.subject == "backends" and address in one.name]
    if row.subject == "backends":
        return row in backends
    if backends:
        return failed_behind_proxy(row) and row.name.partition(":")[0] in {
            one.name.partition(":")[0] for one in backends
        }
    return row.subject == "outside" and through_host(cause, row, rows)


def of_way_out(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about packets that the machine answers by a wrong way. One that only finds no names answers."""
    return ("gateway" in cause.found or "default route" in cause.found) and through_host(cause, row, rows)
