# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the names and the findings of rows say: ports, sites and answers."""

from __future__ import annotations

import re
from typing import Iterable, Sequence, Tuple

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.xmpp import NO_MEDIA

from ..rows import Row

#: A protocol and a port, such as ``("tcp", 443)``.
Way = Tuple[str, int]

_RULE = re.compile(r"-A [^,;]+|add rule [^,;]+")
_MORE = re.compile(r" and [0-9]+ more")
_PORT = re.compile(r"(?:dport|\bport) ([0-9]+)(?:[:-]([0-9]+))?")
_PROTOCOL = re.compile(r"\b(udp|tcp)\b")
_WAYS = re.compile(r"\b(udp|tcp)/([0-9]+)")
#: What a probe found if no packet came back, and what a proxy answers for a backend that it does not reach.
SILENCE = re.compile(
    r"no answer|no packet|connection refused|did not arrive|unreachable|no route|timed out", re.IGNORECASE
)
_GATEWAY = re.compile(r"\b50[0-9]\b")
_CLEAR = ("http is sent to https", "the proxy answers ACME")
#: Name servers answer this one.
_LEADS = ": the name leads to the site"
NO_WAY: Way = ("", 0)
SETTINGS = ": the web page's settings"
_XMPP = ("XMPP over BOSH", "XMPP over WebSocket", "XMPP with an account")


def has(row: Row, words: Iterable[str]) -> bool:
    """Return whether one of some words is in the name of a row."""
    return any(word in row.name for word in words)


def way_of(row: Row) -> Way:
    """Return the protocol and the port of the host that a row from outside needs, or :data:`NO_WAY`."""
    named = _WAYS.match(row.name)
    if named:
        return named[1], int(named[2])
    if _LEADS in row.name:
        return NO_WAY
    return "tcp", 80 if has(row, _CLEAR) else 443


def ways_in(name: str) -> list[Way]:
    """Return the protocols and ports that a name has."""
    return [(protocol, int(port)) for protocol, port in _WAYS.findall(name)]


def concerns(found: str, way: Way) -> bool:
    """Return whether the rules, or the port, that a text names concern a port. A rule without a port concerns all."""
    rules = _RULE.findall(found) or [found]
    return bool(_MORE.search(found)) or any(_matches(rule, way) for rule in rules)


def _matches(rule: str, way: Way) -> bool:
    port, protocol = _PORT.search(rule), _PROTOCOL.search(rule)
    if not port:
        return True
    in_range = int(port[1]) <= way[1] <= int(port[2] or port[1])
    return in_range and (protocol is None or protocol[1] == way[0])


def site_of_jitsi(rows: Sequence[Row]) -> str:
    """Return the name of the Jitsi site."""
    return next((one.name.partition(":")[0] for one in rows if SETTINGS in one.name), "")


def failed_behind_proxy(row: Row) -> bool:
    """Return whether the proxy answered for a backend that did not."""
    return row.subject == "outside" and not has(row, _CLEAR) and _GATEWAY.search(row.found) is not None


def is_client(row: Row) -> bool:
    """Return whether a row is about a client that logs in."""
    return row.subject == "outside" and has(row, _XMPP)


def waits_for_jicofo(row: Row) -> bool:
    """Return whether a row is about a client that jicofo did not serve."""
    return is_client(row) and row.found.startswith("jicofo: ")


def waits_for_bridge(row: Row) -> bool:
    """Return whether a row is about a client that got no bridge."""
    return is_client(row) and row.found.startswith("bridge: ")


def is_led_elsewhere(row: Row) -> bool:
    """Return whether a row is about a client that is offered other addresses of a bridge than the public ones."""
    return is_client(row) and ", bridge at " in row.found and not row.found.endswith(NO_MEDIA)


def waits_for_media(row: Row) -> bool:
    """Return whether a row is about a client that gets no packet from a bridge."""
    return is_client(row) and row.found.endswith(NO_MEDIA)


def is_later(row: Row, other: Row, rows: Sequence[Row]) -> bool:
    """Return whether a row stands behind another one."""
    return rows.index(other) < rows.index(row)
