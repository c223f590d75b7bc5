# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which services still run with what their files said before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Iterable, Mapping


@dataclass(frozen=True)
class Service:
    """A service as systemd sees it.

    :param active: whether it runs.
    :param changed_at: when it last read its files, at a start or at a reload, in seconds since the epoch.
    :param started_at: when its main process was started, in seconds since the epoch; 0 where systemd does not know it.
    """

    active: bool
    changed_at: float
    started_at: float = 0.0


def parse_properties(text: str, clock_offset: float) -> Service:
    """What ``systemctl show`` printed.

    :param text: lines of ``NAME=VALUE`` with ActiveState, ReloadResult, and in microseconds since boot
        StateChangeTimestampMonotonic and ExecMainStartTimestampMonotonic.
    :param clock_offset: seconds between the epoch and the boot.
    """
    properties = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    active = properties.get("ActiveState") in ("active", "reloading", "activating")
    changed, started = (
        int(properties.get(f"{name}TimestampMonotonic") or 0) / 1e6 for name in ("StateChange", "ExecMainStart")
    )
    # A reload that failed changes the state, too, but what was read before it is not known any more.
    if properties.get("ReloadResult", "success") not in ("", "success"):
        changed = started
    # 0 is systemd's word for what never happened, and not the boot.
    return Service(active, clock_offset + changed, clock_offset + started if started else 0.0)


def newer_files(service: Service, files: Iterable[tuple[str, float]]) -> list[str]:
    """The files that changed after the service read them; none for a service that does not run.

    :param files: paths, each with the time of its last change in seconds since the epoch.
    """
    if not service.active:
        return []
    return sorted(path for path, changed in files if changed > service.changed_at)


def files_to_read(service: Service, files: Iterable[tuple[str, float]], by_reload: bool) -> list[str]:
    """The files that changed after the service read them.

    :param by_reload: whether a reload reads them, too. Otherwise only the start of the main process counts. systemd
        does not know that process of every script in ``/etc/init.d``. Then the last change of the service counts.
    """
    if by_reload:
        return newer_files(service, files)
    return newer_files(replace(service, changed_at=service.started_at or service.changed_at), files)


def is_unread(service: Service, files: Iterable[tuple[str, float]]) -> bool:
    """Whether a file changed after a service was started that reads it then, and not when it is reloaded."""
    return bool(files_to_read(service, files, by_reload=False))


def stale(found: Mapping[str, list[str]]) -> list[str]:
    """The names of the services that have newer files."""
    return [name for name, files in found.items() if files]
