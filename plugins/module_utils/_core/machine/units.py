# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The units of a machine, as ``systemctl show`` prints them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

PROPERTIES = "ActiveState,UnitFileState"


@dataclass(frozen=True)
class Unit:
    """A unit of systemd.

    :param active: whether it runs.
    :param enabled: whether systemd itself starts it at boot. Of a script in ``/etc/init.d`` systemd does not know it.
    """

    active: bool
    enabled: bool


def parse_units(names: Sequence[str], text: str) -> dict[str, Unit]:
    """Read one paragraph of PROPERTIES for each unit, in the order in which systemctl was asked.

    Without a paragraph for each, whose they are is not known, and no unit counts as active or enabled.
    """
    paragraphs = [paragraph.splitlines() for paragraph in text.strip("\n").split("\n\n")]
    if len(paragraphs) != len(names):
        paragraphs = [[] for _name in names]
    states = [dict(line.split("=", 1) for line in lines if "=" in line) for lines in paragraphs]
    return {
        name: Unit(state.get("ActiveState") == "active", state.get("UnitFileState") == "enabled")
        for name, state in zip(names, states)
    }
