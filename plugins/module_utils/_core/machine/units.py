# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The units of a machine, as ``systemctl show`` prints them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import AbstractSet, Mapping, Sequence

PROPERTIES = "ActiveState,UnitFileState,LoadState,DropInPaths,ExecMainStartTimestamp"


@dataclass(frozen=True)
class Unit:
    """A unit of systemd.

    :param state: systemd's word for its state, such as "active" or "failed".
    :param active: whether it runs.
    :param enabled: whether it starts at boot.
    :param exists: whether systemd has such a unit.
    :param drop_ins: the paths of its drop-ins.
    :param started: the time of its last start, as systemd prints it; empty if it never started or has no process.
    """

    state: str = "unknown"
    active: bool = False
    enabled: bool = False
    exists: bool = False
    drop_ins: tuple[str, ...] = ()
    started: str = ""


def parse_units(names: Sequence[str], text: str, linked: AbstractSet[str] = frozenset()) -> dict[str, Unit]:
    """Read one paragraph of PROPERTIES for each unit, in the order in which systemctl was asked.

    Without a paragraph for each, whose they are is not known, and no unit counts as active or enabled.

    :param linked: the scripts in ``/etc/init.d`` that a link starts at boot. Of scripts systemd does not know it.
    """
    return {name: _unit(properties, name in linked) for name, properties in parse_properties(names, text).items()}


def parse_properties(names: Sequence[str], text: str) -> dict[str, dict[str, str]]:
    """The properties of each unit, of one paragraph each; none at all if there is not one for each."""
    paragraphs = [paragraph.splitlines() for paragraph in text.strip("\n").split("\n\n")]
    if len(paragraphs) != len(names):
        paragraphs = [[] for _name in names]
    return {name: dict(line.split("=", 1) for line in lines if "=" in line) for name, lines in zip(names, paragraphs)}


def _unit(properties: Mapping[str, str], is_linked: bool) -> Unit:
    state, file_state = properties.get("ActiveState", "unknown"), properties.get("UnitFileState")
    return Unit(
        state=state,
        active=state == "active",
        enabled=file_state == "enabled" or (file_state == "generated" and is_linked),
        exists=properties.get("LoadState", "not-found") != "not-found",
        drop_ins=tuple(properties.get("DropInPaths", "").split()),
        started=properties.get("ExecMainStartTimestamp", ""),
    )
