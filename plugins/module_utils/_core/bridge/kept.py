# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody has set in a videobridge's two files, as far as it is no secret and belongs to no machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping

from ..errors import CoreError
from ..hocon.data import data_from
from ..java_properties.data import mapping_from
from .addresses import HOCON, PROPERTIES
from .names import LOCAL, MEDIA_PORT, PUBLIC, STUN, TWINS

_OLD_TCP, _NEW_TCP = "org.jitsi.videobridge.", "videobridge.ice.tcp."
_OLD = (
    *(f"{_OLD_TCP}{name}" for name in ("DISABLE_TCP_HARVESTER", "TCP_HARVESTER_PORT", "TCP_HARVESTER_MAPPED_PORT")),
    *(twin.old for twin in TWINS if twin.old not in (STUN, MEDIA_PORT[0], LOCAL, PUBLIC)),
)
_NEW = (
    *(f"{_NEW_TCP}{name}" for name in ("enabled", "port", "mapped-port")),
    "videobridge.ice.advertise-private-candidates",
    *(twin.new for twin in TWINS if twin.old not in (STUN, MEDIA_PORT[0])),
)
_TCP_PORT = "443"
#: What Jitsi's packages write themselves.
_USUAL = {"org.ice4j.ice.harvest.DISABLE_AWS_HARVESTER": "true"}


@dataclass(frozen=True)
class Kept:
    """What is known of both files.

    :param properties: the settings of the one, by their names.
    :param hocon: those of the other.
    :param tcp_port: the TCP port of the bridge, 0 for none.
    :param problems: why a file says nothing, by the names of the files.
    """

    properties: Mapping[str, str]
    hocon: Mapping[str, Any]
    tcp_port: int
    problems: Mapping[str, str] = field(default_factory=dict)


def kept_settings(properties: str | None, hocon: str | None, reads: tuple[str, ...]) -> Kept:
    """Return what is known of both files. A file that cannot be parsed says nothing but its problem.

    :param reads: the names of the files that the bridge reads.
    """
    problems: dict[str, str] = {}
    old = _parsed(_old, PROPERTIES, properties, problems) if PROPERTIES in reads else {}
    new = _parsed(_new, HOCON, hocon, problems) if HOCON in reads else {}
    disabled = old.get(f"{_OLD_TCP}DISABLE_TCP_HARVESTER")
    enabled = str(new.get(f"{_NEW_TCP}enabled", False)).lower() in ("true", "yes", "on")
    if disabled is not None:
        enabled = disabled.strip().lower() == "false"
    said = old.get(f"{_OLD_TCP}TCP_HARVESTER_PORT", new.get(f"{_NEW_TCP}port", _TCP_PORT))
    port = str(said).strip()
    return Kept(old, new, int(port) if enabled and port.isdigit() else 0, problems)


def _parsed(
    read: Callable[[str], dict[str, Any]], name: str, text: str | None, problems: dict[str, str]
) -> dict[str, Any]:
    try:
        return read(text or "")
    except CoreError as error:
        problems[name] = str(error)
        return {}


def _old(text: str) -> dict[str, str]:
    found = mapping_from(text)
    return {key: found[key] for key in _OLD if key in found and found[key].strip() != _USUAL.get(key)}


def _new(text: str) -> dict[str, Any]:
    data: Any = data_from(text)
    found = {}
    for path in _NEW:
        value = data
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            found[path] = value
    return found
