# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which failed row explains which other failed rows.

A row depends on others: no page answers while nothing reaches the proxy. The table names those dependencies, in the
order in which a packet meets them. A failed row belongs to the first of them that failed, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Callable, Iterable, Sequence

from .rows import Row

#: Whether the first row, if it failed, explains that the second one failed; with the name of the Jitsi site.
Explains = Callable[[Row, Row, str], bool]

_RULE = re.compile(r"-A [^,;]+")
_MORE = re.compile(r" and [0-9]+ more")
_PORT = re.compile(r"(?:--dport|\bport) ([0-9]+)(?::([0-9]+))?")
_NAMED_PORT = re.compile(r"^(?:udp|tcp)/([0-9]+)")
_MACHINE_OF_SOCKETS = re.compile(r"WebSockets of the bridge on (\S+)")
_CLEAR = ("http is sent to https", "the proxy answers ACME")
_SETTINGS = ": the web page's settings"
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


def port_of(row: Row) -> int:
    """Return the port that a row from outside needs."""
    named = _NAMED_PORT.match(row.name)
    if named:
        return int(named[1])
    return 80 if _has(row, _CLEAR) else 443


def _through_host(_cause: Row, row: Row, _site: str) -> bool:
    return row.subject in ("outside", "relay") or (row.subject == "datagrams" and "reaches the bridge" in row.name)


def _through_rules(cause: Row, row: Row, site: str) -> bool:
    return _through_host(cause, row, site) and _concerns(cause.found, port_of(row))


def _concerns(found: str, port: int) -> bool:
    """Return whether the rules, or the port, that a text names concern a port. A rule without a port concerns all."""
    rules = _RULE.findall(found) or [found]
    ports = [_PORT.search(rule) for rule in rules]
    if _MORE.search(found) or None in ports:
        return True
    return any(one and int(one[1]) <= port <= int(one[2] or one[1]) for one in ports)


def _same_port(cause: Row, row: Row, _site: str) -> bool:
    return row.subject == "datagrams" and "reaches the bridge" in row.name and port_of(row) == port_of(cause)


def _behind_nginx(_cause: Row, row: Row, site: str) -> bool:
    of_site = row.name.startswith(f"{site}:")
    return of_site and (row.subject == "backends" or (row.subject == "outside" and not _has(row, _CLEAR)))


def _of_backend(cause: Row, row: Row, _site: str) -> bool:
    site = cause.name.partition(":")[0]
    return row.subject == "outside" and row.name.startswith(f"{site}:") and not _has(row, _CLEAR)


def _of_prosody(_cause: Row, row: Row, _site: str) -> bool:
    return (
        (row.subject == "outside" and _has(row, _XMPP))
        or (row.subject == "bridge" and "is where jicofo looks for it" in row.name)
        or row.subject == "announcement"
        or _is_page_of_jicofo(row)
    )


def _of_jicofo(_cause: Row, row: Row, _site: str) -> bool:
    return _is_page_of_jicofo(row)


def _is_page_of_jicofo(row: Row) -> bool:
    return row.subject == "services" and row.name.startswith("jicofo answers")


def _of_bridge(cause: Row, row: Row, _site: str) -> bool:
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
    site = next((row.name.partition(":")[0] for row in rows if _SETTINGS in row.name), "")
    return [row if row.ok else replace(row, cause=_cause_of(row, found, site)) for row in rows]


def _cause_of(row: Row, found: Sequence[tuple[Cause, Row]], site: str) -> str:
    return next((other.name for cause, other in found if other is not row and cause.explains(other, row, site)), "")
