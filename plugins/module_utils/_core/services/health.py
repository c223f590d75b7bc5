# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a service does what it is there for, and what is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Iterable, Mapping
from urllib.parse import urlsplit

from ..errors import CoreError

_LISTENS = {"tcp": "0A", "udp": "07"}
_MOMENT = re.compile(r"([0-9]{4}-[01][0-9]-[0-3][0-9])[ T]([0-2][0-9]:[0-5][0-9]:[0-5][0-9])")
_STACK_FRAME = re.compile(r"\s+(at |\.\.\. [0-9]+ )")


@dataclass(frozen=True)
class Wanted:
    """What a service must show.

    :param tcp: ports on which it must listen itself.
    :param udp: the same for datagrams.
    :param http: a URL that must answer 200; empty for none.
    :param http_accepted: statuses besides 200 that pass: a server that answers so runs, and only lacks the page.
    :param http_grace: seconds since its start after which a URL where nobody listens passes: not all have one.
    :param http_first: seconds since its start before which a 200 proves nothing: it has not checked itself yet.
    :param log: the path of its log.
    :param log_ready: patterns, each of which its log has to show since its start before such an early 200 counts.
    :param log_sick: patterns that its log must not show since its start, as long as a 200 is early.
    """

    name: str
    tcp: tuple[int, ...] = ()
    udp: tuple[int, ...] = ()
    http: str = ""
    http_accepted: tuple[int, ...] = ()
    http_grace: float = 0
    http_first: float = 0
    log: str = ""
    log_ready: tuple[str, ...] = ()
    log_sick: tuple[str, ...] = ()

    def is_early(self, unit: Unit, now: float) -> bool:
        """Whether a 200 proves nothing yet; both times in seconds since boot."""
        return now - unit.since < self.http_first


@dataclass(frozen=True)
class Unit:
    """A service as systemd sees it: its state, since when (seconds since boot), and its group of processes, if any."""

    state: str
    since: float
    group: str


@dataclass(frozen=True)
class Seen:
    """What was seen of a service.

    :param sockets: for each protocol and port the sockets that listen there.
    :param own: the sockets of the service's own processes, or the users of those that do not let their sockets be seen;
        None if neither can be told.
    :param status: what the URL answered; None where nobody listens.
    :param log: what the service's log has said since it was started.
    """

    unit: Unit
    sockets: Mapping[tuple[str, int], frozenset[str]] = field(default_factory=dict)
    own: frozenset[str] | None = None
    status: int | None = None
    body: str = ""
    now: float = 0
    log: tuple[str, ...] = ()


def place_of(url: str) -> tuple[str, int, str]:
    """The host, the port and the path that a URL names.

    :raises CoreError: if it names no host, or what is no port.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise CoreError(f"{url!r} is not a valid URL ({error}); use for example http://127.0.0.1:8080/path") from error
    if not parts.hostname:
        raise CoreError(f"{url!r} contains no host name; use for example http://127.0.0.1:8080/path")
    return parts.hostname, port or 80, parts.path or "/"


def parse_unit(text: str) -> Unit:
    """What ``systemctl show`` printed of ActiveState, ActiveEnterTimestampMonotonic and ControlGroup."""
    values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    since = int(values.get("ActiveEnterTimestampMonotonic") or 0) / 1e6
    return Unit(values.get("ActiveState", "unknown"), since, values.get("ControlGroup", ""))


def listening(tables: Mapping[str, Iterable[str]]) -> dict[tuple[str, int], frozenset[str]]:
    """The sockets that listen, from the texts of /proc/net/tcp, tcp6, udp and udp6; each also as its user, ``uid:N``.

    :param tables: for each of tcp and udp its texts.
    """
    found: dict[tuple[str, int], frozenset[str]] = {}
    for protocol, texts in tables.items():
        for line in (line for text in texts for line in text.splitlines()[1:]):
            fields = line.split()
            if len(fields) > 9 and fields[3] == _LISTENS[protocol]:
                key = protocol, int(fields[1].rpartition(":")[2], 16)
                found[key] = found.get(key, frozenset()) | {fields[9], f"uid:{fields[7]}"}
    return found


def complaint(wanted: Wanted, seen: Seen) -> str:
    """What is missing, as a clause; empty for a healthy service."""
    if seen.unit.state != "active":
        return f"its state is {seen.unit.state}"
    if not seen.unit.group:
        # What an old init script started counts as active after its processes have ended.
        return "none of its processes is running"
    for protocol, ports in (("tcp", wanted.tcp), ("udp", wanted.udp)):
        for port in ports:
            sockets = seen.sockets.get((protocol, port), frozenset())
            if not sockets:
                return f"it does not listen on {protocol}/{port}"
            if seen.own is not None and not sockets & seen.own:
                return f"another process uses {protocol}/{port}"
    return _http_complaint(wanted, seen) if wanted.http else ""


def _http_complaint(wanted: Wanted, seen: Seen) -> str:
    if seen.status is None:
        late = seen.now - seen.unit.since >= wanted.http_grace
        return "" if late else f"{wanted.http} does not answer yet"
    if seen.status == 200:
        return _early_complaint(wanted, seen) if wanted.is_early(seen.unit, seen.now) else ""
    if seen.status in wanted.http_accepted:
        return ""
    said = " ".join(seen.body.split())[:300]
    return f"{wanted.http} answers {seen.status}" + (f": {said}" if said else "")


def _early_complaint(wanted: Wanted, seen: Seen) -> str:
    for line in seen.log:
        found = next((match for match in (re.search(pattern, line) for pattern in wanted.log_sick) if match), None)
        if found:
            return f"its log says {found.group()}"
    for pattern in wanted.log_ready:
        if not any(re.search(pattern, line) for line in seen.log):
            return f"{wanted.http} answers 200 before its first check, and its log does not contain {pattern} yet"
    return "" if wanted.log_ready else f"{wanted.http} answers 200 before its first check"


def is_stuck(unit: Unit, now: float, seconds: float) -> bool:
    """Whether only a restart helps an active service that is not healthy: it is old enough, or has no process left.

    :param now: seconds since boot.
    :param seconds: since its start, after which it is old enough.
    """
    return unit.state == "active" and (not unit.group or now - unit.since >= seconds)


def lines_since(lines: Iterable[str], moment: str) -> list[str]:
    """The lines of a log from a moment on; a line without a time belongs to the one before it.

    :param moment: as ``YYYY-MM-DD HH:MM:SS``, in the time zone of the log.
    """
    found, counts = [], False
    for line in lines:
        time = _MOMENT.search(line[:64])
        counts = f"{time.group(1)} {time.group(2)}" >= moment if time else counts
        if counts:
            found.append(line)
    return found


def telling(lines: Iterable[str], count: int) -> list[str]:
    """The last lines of a log that say something: those of a Java program's stack are left out."""
    return [line for line in lines if not _STACK_FRAME.match(line)][-count:]
