# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""Which services still run with what their files said before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Mapping


@dataclass(frozen=True)
class Service:
    """A service as systemd sees it.

    :param active: whether it runs.
    :param changed_at: when it was started or reloaded last, in seconds since the epoch.
    """

    active: bool
    changed_at: float


def parse_properties(text: str, clock_offset: float) -> Service:
    """What ``systemctl show`` printed.

    :param text: lines of ``NAME=VALUE`` with ActiveState and StateChangeTimestampMonotonic (microseconds since boot).
    :param clock_offset: seconds between the epoch and the boot.
    """
    properties = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    microseconds = int(properties.get("StateChangeTimestampMonotonic") or 0)
    active = properties.get("ActiveState") in ("active", "reloading", "activating")
    return Service(active, clock_offset + microseconds / 1e6)


def newer_files(service: Service, files: Iterable[tuple[str, float]]) -> list[str]:
    """The files that changed after the service read them; none for a service that does not run.

    :param files: paths, each with the time of its last change in seconds since the epoch.
    """
    if not service.active:
        return []
    return sorted(path for path, changed in files if changed > service.changed_at)


def stale(found: Mapping[str, list[str]]) -> list[str]:
    """The names of the services that have newer files."""
    return [name for name, files in found.items() if files]
