# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits of services, in systemd drop-ins of ours, where nobody else sets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from ..errors import CoreError
from ..files import File, Files

#: Comes before an administrator's own drop-ins, because systemd takes the last of several settings.
FILE = "00-selfhosted-jitsi.conf"
_UNIT = re.compile(r"[A-Za-z0-9:_.@\\-]+")
_FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)


@dataclass(frozen=True)
class Limit:
    """A limit of a service.

    :param unit: the name of the unit, without ``.service``.
    :param name: the name of the setting or variable, for which the files of others are searched.
    :param setting: the line of the drop-in; none if it is empty.
    :param files: further files that may have it.
    """

    unit: str
    name: str
    setting: str
    files: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path of the drop-in."""
        return f"/etc/systemd/system/{self.unit}.service.d/{FILE}"

    @property
    def places(self) -> list[str]:
        """The files and folders in which somebody else may set it, for this unit or for all."""
        names = (f"{self.unit}.service", f"{self.unit}.service.d", "service.d")
        managers = [folder.rpartition("/")[0] for folder in _FOLDERS]
        return [
            *self.files,
            *(f"{folder}/{name}" for folder in _FOLDERS for name in names),
            *(f"{folder}/{name}" for folder in managers for name in ("system.conf", "system.conf.d")),
        ]


def parse_limits(items: Sequence[Mapping[str, Any]]) -> list[Limit]:
    """The limits of the option of that name.

    :raises CoreError: if a unit has no such name or two limits, or a setting has several lines.
    """
    limits = [Limit(item["unit"], item["name"], item["setting"], tuple(item["files"])) for item in items]
    for index, limit in enumerate(limits):
        if not _UNIT.fullmatch(limit.unit):
            raise CoreError(f"limits[{index}].unit: {limit.unit!r} is not the name of a service; use for example nginx")
        if limit.unit in [other.unit for other in limits[:index]]:
            raise CoreError(f"limits[{index}].unit: {limit.unit!r} has a limit already; write one item for each unit")
        if not limit.setting.isprintable():
            raise CoreError(f"limits[{index}].setting: {limit.setting!r} has a control character; write one line")
    return limits


def is_set_in(text: str, name: str) -> bool:
    """Whether a line of a file of systemd, or of variables for one, sets this."""
    return bool(re.search(rf"^[ \t]*(?:[^#;\s].*)?{re.escape(name)}=", text, re.MULTILINE))


def wanted(limits: Sequence[Limit], others: Mapping[Limit, Sequence[str]], caller: str) -> Files:
    """The drop-ins: a file for each limit that nobody else sets, and nothing for each other one.

    :param others: the texts of the files of others at the places of each limit.
    :param caller: who writes, for the first line.
    """
    return {limit.path: _drop_in(limit, others[limit], caller) for limit in limits}


def _drop_in(limit: Limit, others: Sequence[str], caller: str) -> File | None:
    if not limit.setting or any(is_set_in(text, limit.name) for text in others):
        return None
    return File(f"# Managed by Ansible: {caller}\n[Service]\n{limit.setting}\n")
