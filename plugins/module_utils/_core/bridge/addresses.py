# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a videobridge's two files say together about its addresses, and where they contradict each other or the user."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Iterable, Iterator, Mapping, Sequence, Tuple

from ..errors import CoreError
from ..hocon.data import data_from
from ..java_properties.data import mapping_from
from .account import domains_of, rooms_of
from .names import (
    HEALTH_HOST,
    HEALTH_INTERVAL,
    HEALTH_PORT,
    LOCAL,
    MEDIA_PORT,
    PATH_OF_MAPPINGS,
    PATH_OF_REQUIRE_STUN,
    PATH_OF_STUN,
    PUBLIC,
    STUN,
    TWINS,
)
from .websockets import said_of_websockets

PROPERTIES, HOCON = "sip-communicator.properties", "jvb.conf"
PATH_OF_HOCON = "/etc/jitsi/videobridge/jvb.conf"

#: What every release that was seen logs of a mapping to an address that clients outside can reach.
_VALID_MAPPING = (
    r"(mask|publicAddress)=/?(?!10[.]|127[.]|169[.]254[.]|192[.]168[.]|172[.](1[6-9]|2[0-9]|3[01])[.])[0-9]"
)
_DURATION = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*\Z")
_SECONDS = {
    name: seconds
    for names, seconds in (
        ("ns nano nanos nanosecond nanoseconds", 1e-9),
        ("us micro micros microsecond microseconds", 1e-6),
        ("ms milli millis millisecond milliseconds", 1e-3),
        ("s second seconds", 1.0),
        ("m minute minutes", 60.0),
        ("h hour hours", 3600.0),
        ("d day days", 86400.0),
    )
    for name in names.split()
}
_SECONDS[""] = 1e-3

Pair = Tuple[str, str]  # (local address, public address)


@dataclass(frozen=True)
class Wish:
    """What the user wants.

    :param settings: what shall stand in jvb.conf: the new name and its value.
    """

    local: str
    public: Sequence[str]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def pairs(self) -> list[Pair]:
        """The mappings that are wanted."""
        return [(self.local, address) for address in self.public]


@dataclass(frozen=True)
class Files:
    """The texts of /etc/jitsi/videobridge; None for a file that is not there.

    :param config: the shell variables with which the packages start the bridge.
    """

    properties: str | None
    hocon: str | None
    config: str | None


@dataclass(frozen=True)
class Report:
    """What a bridge reads, what it makes of it, and what is wrong with that.

    :param reads: the names of the files that count, the one that wins first.
    :param superseded: old names that are to be commented out because they beat what is wanted.
    :param findings: one sentence for each thing that is wrong.
    :param port: the UDP port for media.
    :param health: the URL of its health page, if it has one.
    :param health_interval: the seconds between two health checks. The first one runs that long after the start.
    :param log_ready: patterns that the log of a healthy bridge shows before its first check.
    :param log_sick: patterns that show a sick one as early.
    :param rooms: the rooms in which jicofo shall find it, each with its name there.
    :param domains: where it logs in, by the names of its connections.
    :param websockets: what the files say of its WebSockets, by the settings' old and new names.
    """

    reads: tuple[str, ...]
    mappings: tuple[Pair, ...]
    stun: tuple[str, ...]
    superseded: tuple[str, ...]
    findings: tuple[str, ...]
    port: int
    health: str
    health_interval: float
    log_ready: tuple[str, ...]
    log_sick: tuple[str, ...]
    rooms: tuple[str, ...]
    domains: Mapping[str, str]
    websockets: Mapping[str, Any]


def judge(files: Files, wish: Wish) -> Report:
    """Judge the files as the bridge reads them: old names win, mappings are a union."""
    reads = _read_by_the_bridge(files)
    findings = list(_unread(files, reads))
    old, new = {}, {}
    try:
        old = mapping_from(files.properties or "") if PROPERTIES in reads else {}
    except CoreError as error:
        findings.append(f"{PROPERTIES} cannot be parsed: {error}")
    try:
        new = data_from(files.hocon or "") if HOCON in reads else {}
    except CoreError as error:
        findings.append(f"{HOCON} cannot be parsed: {error}")
    both = len(reads) == 2
    old_pairs, new_pairs = _old_pairs(old), _new_pairs(new)
    findings += [
        *_in_quotes(old),
        *_half(old),
        *_swapped(PROPERTIES, old_pairs, wish),
        *_swapped(HOCON, new_pairs, wish),
    ]
    findings += _doubled(old_pairs, new_pairs, wish) if both else []
    findings += _too_many(wish) if reads == (PROPERTIES,) else []
    superseded = tuple(_superseded(old, wish)) if both else ()
    findings += _beaten(old, wish, superseded)
    findings += _discovery_left(old, new) if both else []
    pairs = tuple(dict.fromkeys(old_pairs + new_pairs))
    health = f"http://{_either(old, new, HEALTH_HOST)}:{_either(old, new, HEALTH_PORT)}/about/health"
    port = _either(old, new, MEDIA_PORT)
    requires_stun = _at(new, PATH_OF_REQUIRE_STUN) in (True, "true", "yes", "on")
    return Report(
        reads,
        pairs,
        tuple(_stun(old, new)),
        superseded,
        tuple(findings),
        int(port) if port.isdigit() else 0,
        health,
        _seconds(_either(old, new, HEALTH_INTERVAL)),
        (_VALID_MAPPING, "stunDiscoveryFailed=false") if requires_stun else (_VALID_MAPPING,),
        ("stunDiscoveryFailed=true",) if requires_stun else (),
        tuple(rooms_of(old, new)),
        domains_of(old, new),
        said_of_websockets(old, new),
    )


def _read_by_the_bridge(files: Files) -> tuple[str, ...]:
    """The packages that read jvb.conf say so on their command line; those of 2020 do not know it."""
    there = [name for name, text in ((PROPERTIES, files.properties), (HOCON, files.hocon)) if text is not None]
    if len(there) == 2 and files.config is not None and not _names_hocon(files.config):
        return (PROPERTIES,)
    return tuple(there)


def _names_hocon(config: str) -> bool:
    lines = (line for line in config.splitlines() if not line.lstrip().startswith("#"))
    return any(f"-Dconfig.file={PATH_OF_HOCON}" in line for line in lines)


def _unread(files: Files, reads: Sequence[str]) -> Iterator[str]:
    if files.hocon is not None and HOCON not in reads:
        yield f"{HOCON} has no effect, because this bridge is not started with -Dconfig.file={PATH_OF_HOCON}"


def _plain(value: str) -> str:
    return value.strip().strip("\"'")


def _old_pairs(old: Mapping[str, str]) -> list[Pair]:
    local, public = old.get(LOCAL), old.get(PUBLIC)
    return [(local.strip(), public.strip())] if local is not None and public is not None else []


def _new_pairs(new: Mapping[str, Any]) -> list[Pair]:
    entries = _at(new, PATH_OF_MAPPINGS)
    found = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return [(str(entry.get("local-address", "")), str(entry.get("public-address", ""))) for entry in found]


def _at(data: Any, path: str) -> Any:
    for name in path.split("."):
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _either(old: Mapping[str, str], new: Mapping[str, Any], names: tuple[str, str, str]) -> str:
    """The old name's value, else the new one's, else the default."""
    value = old.get(names[0], _at(new, names[1]))
    return names[2] if value is None else str(value).strip()


def _seconds(text: str) -> float:
    """A duration as Lightbend's library reads it, a bare number in milliseconds; what is none counts as the default."""
    found = _DURATION.match(text)
    unit = found.group(2) if found else ""
    if not found or unit not in _SECONDS:
        return _seconds(HEALTH_INTERVAL[2])
    return float(found.group(1)) * _SECONDS[unit]


def _stun(old: Mapping[str, str], new: Mapping[str, Any]) -> list[str]:
    if STUN in old:
        return [server for server in old[STUN].split(",") if server.strip()]
    servers = _at(new, PATH_OF_STUN)
    return [str(server) for server in servers] if isinstance(servers, list) else []


def _in_quotes(old: Mapping[str, str]) -> Iterator[str]:
    for key in (LOCAL, PUBLIC, STUN):
        if re.match(r"\s*[\"']", old.get(key, "")):
            yield f"{PROPERTIES}: {key} is in quotes, and Java keeps them: {old[key].strip()} is not an address"


def _half(old: Mapping[str, str]) -> Iterator[str]:
    for key, other in ((LOCAL, PUBLIC), (PUBLIC, LOCAL)):
        if key in old and other not in old:
            yield f"{PROPERTIES}: {key} has no effect without {other.rpartition('.')[2]}"


def _swapped(name: str, pairs: Iterable[Pair], wish: Wish) -> Iterator[str]:
    for local, public in pairs:
        if (_plain(public), _plain(local)) in wish.pairs:
            yield (
                f"{name}: the local and the public address are swapped: "
                f"it maps {_plain(local)} to {_plain(public)} instead of {_plain(public)} to {_plain(local)}"
            )


def _doubled(old_pairs: Sequence[Pair], new_pairs: Sequence[Pair], wish: Wish) -> Iterator[str]:
    for local, public in old_pairs:
        if (local, public) in new_pairs:
            yield f"the mapping of {local} to {public} is in {PROPERTIES} and in {HOCON}, and the bridge uses both"
        elif (local, public) not in wish.pairs and (_plain(public), _plain(local)) not in wish.pairs:
            yield f"{PROPERTIES} still maps {local} to {public}, and the bridge uses this in addition to {HOCON}"


def _too_many(wish: Wish) -> Iterator[str]:
    if len(wish.public) > 1:
        others = ", ".join(wish.public[1:])
        yield f"{PROPERTIES} supports only one public address, {wish.public[0]}; {others} would need a newer bridge"


def _superseded(old: Mapping[str, str], wish: Wish) -> Iterator[str]:
    """The pair and the discovery are said by new names alone; other old names go if they say something else."""
    yield from (key for key in (LOCAL, PUBLIC, STUN) if key in old)
    for twin in TWINS:
        wanted = twin.new in wish.settings and twin.old in old and twin.old != STUN
        if wanted and not twin.agrees(old[twin.old], wish.settings[twin.new]):
            yield twin.old


def _beaten(old: Mapping[str, str], wish: Wish, superseded: Sequence[str]) -> Iterator[str]:
    for twin in TWINS:
        if twin.old in superseded and twin.old != STUN:
            yield (
                f"{PROPERTIES}: {twin.old}={old[twin.old].strip()} "
                f"overrides {twin.new} = {wish.settings[twin.new]} in {HOCON}"
            )


def _discovery_left(old: Mapping[str, str], new: Mapping[str, Any]) -> Iterator[str]:
    if not _stun(old, new):
        return
    servers = ", ".join(server.strip() for server in _stun(old, new))
    if STUN not in old:
        yield f"STUN discovery is off in {PROPERTIES}, but on in {HOCON}: the bridge queries {servers} for its address"
    elif not _stun({}, new):
        yield (
            f"STUN discovery is off in {HOCON}, but {PROPERTIES} overrides it: the bridge queries {servers} for its "
            "address"
        )
    else:
        yield f"STUN discovery is on in {PROPERTIES} and in {HOCON}: the bridge queries {servers} for its address"
