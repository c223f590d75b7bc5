# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a machine needs to go on, and to come back after a reboot: its memory, and its units as systemd shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import AbstractSet, Mapping, Sequence

from .units import parse_properties

PROPERTIES = (
    "LoadState,ActiveState,UnitFileState,Result,NeedDaemonReload,"
    "NextElapseUSecRealtime,LastTriggerUSec,Triggers,TriggeredBy"
)
#: With these systemd starts a unit at boot, or another unit does. A boot forgets enabled-runtime.
_KEPT = ("enabled", "static", "alias", "indirect")
_GENERATED = "generated"
#: What a timer or a socket starts fails with another word.
SUCCESS = "success"
_SOCKET = ".socket"
_MEMORY = {"total": "MemTotal", "available": "MemAvailable", "swap_total": "SwapTotal", "swap_free": "SwapFree"}
_KIB_OF_MIB = 1024


@dataclass(frozen=True)
class Condition:
    """A unit of systemd, now and at the next boot.

    :param exists: whether systemd has such a unit.
    :param state: systemd's word for its state, such as "active" or "failed".
    :param file_state: systemd's word for its file, such as "enabled" or "masked"; empty if it has none.
    :param enabled: whether it starts at the next boot, by itself or by another unit.
    :param result: systemd's word for its last run, such as "success" or "exit-code".
    :param needs_reload: whether its files changed after systemd read them.
    :param next_run: the time of a timer's next run, as systemd prints it; empty if there is none.
    :param last_run: the same for its last run.
    :param triggers: the units that it starts, as a timer does.
    :param triggered_by: the units that start it.
    :param failed: those of ``triggers`` whose last run failed.
    """

    exists: bool = False
    state: str = "unknown"
    active: bool = False
    file_state: str = ""
    enabled: bool = False
    result: str = ""
    needs_reload: bool = False
    next_run: str = ""
    last_run: str = ""
    triggers: tuple[str, ...] = ()
    triggered_by: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


Properties = Mapping[str, Mapping[str, str]]


def related(units: Properties) -> list[str]:
    """The further units that systemd must show: what some units start, and the sockets that start them."""
    return sorted({name for shown in units.values() for name in (*_names(shown, "Triggers"), *_sockets(shown))})


def parse_conditions(
    names: Sequence[str], text: str, linked: AbstractSet[str], others: Properties
) -> dict[str, Condition]:
    """Read one paragraph of PROPERTIES for each unit, in the order in which systemctl was asked.

    :param linked: the scripts in ``/etc/init.d`` that a link starts at boot.
    :param others: the properties of the related units.
    """
    return {name: _condition(shown, name in linked, others) for name, shown in parse_properties(names, text).items()}


def _condition(shown: Mapping[str, str], is_linked: bool, others: Properties) -> Condition:
    state, file_state = shown.get("ActiveState", "unknown"), shown.get("UnitFileState", "")
    triggers = _names(shown, "Triggers")
    # A socket starts its service when somebody connects.
    by_socket = any(others.get(name, {}).get("UnitFileState") in _KEPT for name in _sockets(shown))
    # Somebody masked it on purpose: then no socket starts it.
    by_socket = by_socket and file_state not in ("masked", "masked-runtime")
    return Condition(
        exists=shown.get("LoadState", "not-found") != "not-found",
        state=state,
        active=state in ("active", "reloading"),
        file_state=file_state,
        enabled=file_state in _KEPT or (file_state == _GENERATED and is_linked) or by_socket,
        result=shown.get("Result", ""),
        needs_reload=shown.get("NeedDaemonReload") == "yes",
        next_run=_moment(shown, "NextElapseUSecRealtime"),
        last_run=_moment(shown, "LastTriggerUSec"),
        triggers=triggers,
        triggered_by=_names(shown, "TriggeredBy"),
        failed=tuple(name for name in triggers if others.get(name, {}).get("Result", SUCCESS) != SUCCESS),
    )


def _names(shown: Mapping[str, str], key: str) -> tuple[str, ...]:
    return tuple(shown.get(key, "").split())


def _sockets(shown: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in _names(shown, "TriggeredBy") if name.endswith(_SOCKET))


def _moment(shown: Mapping[str, str], key: str) -> str:
    # systemd writes n/a for what never was.
    moment = shown.get(key, "")
    return "" if moment == "n/a" else moment


def parse_memory(meminfo: str, vmstat: str) -> dict[str, int]:
    """The memory in MiB, and the programs that the kernel has ended since the boot because no memory was left.

    :param meminfo: the text of ``/proc/meminfo``. What it does not name is 0.
    :param vmstat: the text of ``/proc/vmstat``.
    """
    kibibytes = dict(line.split(":", 1) for line in meminfo.splitlines() if ":" in line)
    memory = {name: _first_number(kibibytes.get(key, "")) // _KIB_OF_MIB for name, key in _MEMORY.items()}
    counts = dict(line.split(" ", 1) for line in vmstat.splitlines() if " " in line)
    return {**memory, "oom_kills": _first_number(counts.get("oom_kill", ""))}


def _first_number(text: str) -> int:
    word = (text.split() or [""])[0]
    return int(word) if word.isdigit() else 0
