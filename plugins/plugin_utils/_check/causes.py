# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which failed row explains which other failed rows.

A row depends on others: no page answers while nothing reaches the proxy. The table names those dependencies, in the
order in which a packet meets them. A failed row belongs to the first of them that failed, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Callable, Iterable, Sequence, Tuple

from .backends import UNVERIFIED
from .rows import Row

#: Whether the first row, if it failed, explains that the second one failed; with all rows.
Explains = Callable[[Row, Row, Sequence[Row]], bool]
#: A protocol and a port, such as ``("tcp", 443)``.
Way = Tuple[str, int]

_RULE = re.compile(r"-A [^,;]+|add rule [^,;]+")
_MORE = re.compile(r" and [0-9]+ more")
_PORT = re.compile(r"(?:dport|\bport) ([0-9]+)(?:[:-]([0-9]+))?")
_PROTOCOL = re.compile(r"\b(udp|tcp)\b")
_NAMED_WAY = re.compile(r"^(udp|tcp)/([0-9]+)")
_MACHINE_OF_SOCKETS = re.compile(r"WebSockets of the bridge on (\S+)")
#: What a probe found if no packet came back, and what a proxy answers for a backend that it does not reach.
_SILENCE = re.compile(
    r"no answer|no packet|connection refused|did not arrive|unreachable|no route|timed out", re.IGNORECASE
)
_GATEWAY = re.compile(r"\b50[0-9]\b")
_CLEAR = ("http is sent to https", "the proxy answers ACME")
_SETTINGS = ": the web page's settings"
_ARRIVES, _HOST = "reaches the bridge", "reaches the host"
_OF_RUNNING_BRIDGE = ("maps its address", "is where jicofo looks for it", "calls itself healthy", "listens on")
_XMPP = ("XMPP over BOSH", "XMPP over WebSocket")


@dataclass(frozen=True)
class Cause:
    """One kind of row that explains others.

    :param subject: the subject of the row.
    :param name: a pattern of its whole name.
    :param explains: which rows it explains.
    """

    subject: str
    name: str
    explains: Explains

    def is_of(self, row: Row) -> bool:
        """Return whether a row is of this kind."""
        return row.subject == self.subject and re.fullmatch(self.name, row.name) is not None


def _has(row: Row, words: Iterable[str]) -> bool:
    return any(word in row.name for word in words)


def way_of(row: Row) -> Way:
    """Return the protocol and the port that a row from outside needs."""
    named = _NAMED_WAY.match(row.name)
    if named:
        return named[1], int(named[2])
    return "tcp", 80 if _has(row, _CLEAR) else 443


def _through_host(_cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about a packet that passes the host, and that had no answer. Whoever answers shows that packets pass."""
    if not _SILENCE.search(row.found):
        return False
    return row.subject in ("outside", "relay") or (row.subject == "datagrams" and _is_behind_host(row, rows))


def _is_behind_host(row: Row, rows: Sequence[Row]) -> bool:
    """Return whether a datagram goes to the host first. There is a row about that then, from the same machine."""
    others = (one for one in rows if one.subject == "datagrams" and one.machine == row.machine and _HOST in one.name)
    return _ARRIVES in row.name and any(way_of(one) == way_of(row) for one in others)


def _through_rules(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    return _through_host(cause, row, rows) and _concerns(cause.found, way_of(row))


def _concerns(found: str, way: Way) -> bool:
    """Return whether the rules, or the port, that a text names concern a port. A rule without a port concerns all."""
    rules = _RULE.findall(found) or [found]
    return bool(_MORE.search(found)) or any(_matches(rule, way) for rule in rules)


def _matches(rule: str, way: Way) -> bool:
    port, protocol = _PORT.search(rule), _PROTOCOL.search(rule)
    if not port:
        return True
    in_range = int(port[1]) <= way[1] <= int(port[2] or port[1])
    return in_range and (protocol is None or protocol[1] == way[0])


def _same_port(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    behind = row.subject == "datagrams" and _is_behind_host(row, rows)
    return behind and row.machine == cause.machine and way_of(row) == way_of(cause)


def _behind_nginx(_cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    site = next((one.name.partition(":")[0] for one in rows if _SETTINGS in one.name), "")
    is_backend = row.subject == "backends" and row.found != UNVERIFIED
    return row.name.startswith(f"{site}:") and (is_backend or _failed_behind_proxy(row))


def _of_backend(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    site = cause.name.partition(":")[0]
    # A proxy that verifies nothing reaches the backend nevertheless.
    return cause.found != UNVERIFIED and row.name.startswith(f"{site}:") and _failed_behind_proxy(row)


def _failed_behind_proxy(row: Row) -> bool:
    return row.subject == "outside" and not _has(row, _CLEAR) and _GATEWAY.search(row.found) is not None


def _of_prosody(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    return (
        (row.subject == "outside" and _has(row, _XMPP))
        or (row.subject == "bridge" and "is where jicofo looks for it" in row.name)
        or row.subject == "announcement"
        or _is_page_of_jicofo(row)
    )


def _of_jicofo(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    return _is_page_of_jicofo(row)


def _is_page_of_jicofo(row: Row) -> bool:
    return row.subject == "services" and row.name.startswith("jicofo answers")


def _of_bridge(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    if row.subject == "outside":
        named = _MACHINE_OF_SOCKETS.search(row.name)
        return named is not None and named[1] == cause.machine
    return row.subject == "bridge" and row.machine == cause.machine and _has(row, _OF_RUNNING_BRIDGE)


#: In the order in which a packet meets them.
CAUSES = (
    Cause("host", r".+ forwards IPv4", _through_host),
    Cause("host", r".+ has the forwards of the inventory", _through_rules),
    Cause("datagrams", r"udp/[0-9]+: reaches the host.*", _same_port),
    Cause("services", r"nginx runs", _behind_nginx),
    Cause("backends", r".+: the backend .+ proves its identity", _of_backend),
    Cause("services", r"prosody runs", _of_prosody),
    Cause("services", r"jicofo runs", _of_jicofo),
    Cause("bridge", r"jitsi-videobridge2 runs.*", _of_bridge),
)


def with_causes(rows: Sequence[Row]) -> list[Row]:
    """Return the rows, each failed one with the name of the failed row that explains it."""
    failed = [row for row in rows if not row.ok]
    found = [(cause, row) for cause in CAUSES for row in failed if cause.is_of(row)]
    return [row if row.ok else replace(row, cause=_cause_of(row, found, rows)) for row in rows]


def _cause_of(row: Row, found: Sequence[tuple[Cause, Row]], rows: Sequence[Row]) -> str:
    return next((other.name for cause, other in found if other is not row and cause.explains(other, row, rows)), "")
