# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give an Apache room for as many connections as are asked for, in files of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..._core.apache import size as apache_size
from ..._core.apache.configuration import numbers
from ..._core.apache.files import outcome
from ..._core.files import File, Files, Link
from ..._core.outcome import Outcome
from ..._core.services.stale import is_unread
from ..commands import Runner, call
from ..paths import read_files
from ..services.systemd import ask_service, changes
from .change import change
from .tree import dump_command, read_mpm

_LIMITS, _WORKERS = "selfhosted-limits.conf", "selfhosted-workers.conf"


@dataclass(frozen=True)
class Work:
    """What has to be done.

    :param room: how many connections Apache holds at a time with that.
    :param room_before: how many it would hold with what is written now.
    :param limits: the path of the file that only a start reads.
    :param limits_change: whether it changes, other than going.
    """

    files: Outcome[Files]
    room: int
    room_before: int
    limits: str
    limits_change: bool


def look(participants: int, configuration: str, run: Runner) -> Work:
    """Say what has to be done; nothing changes.

    :param participants: how many people are in conferences at a time; 0 leaves Apache as others have sized it.
    :raises SizeError: if that many cannot be.
    :raises CommandError: if Apache does not accept its configuration.
    """
    mpm = read_mpm(configuration)
    dump = call(run, dump_command(configuration), "", "read the configuration of Apache", "apache2")
    enabled = {name: os.path.join(configuration, "conf-enabled", name) for name in (_LIMITS, _WORKERS)}
    others = numbers(dump, set(enabled.values()))
    wanted = {}
    if participants:
        size = apache_size.choose(participants, mpm, others)
        for name, settings in ((_LIMITS, size.limits), (_WORKERS, size.workers)):
            if any(others.get(setting.lower()) != value for setting, value in settings.items()):
                wanted[name] = File(apache_size.render(mpm, settings))
    files: dict[str, File | Link | None] = {}
    for name, link in enabled.items():
        text = os.path.join(configuration, "conf-available", name)
        # At no moment does the link lead nowhere.
        if name in wanted:
            files.update({text: wanted[name], link: Link(f"../conf-available/{name}")})
        else:
            files.update({link: None, text: None})
    done = outcome(read_files(files), files)
    before = apache_size.room(mpm, numbers(dump))
    room = size.room if participants else apache_size.room(mpm, others)
    text = os.path.join(configuration, "conf-available", _LIMITS)
    return Work(done, room, before, enabled[_LIMITS], _LIMITS in wanted and done.before[text] != done.after[text])


def is_restart_owed(work: Work, run: Runner) -> bool:
    """Whether Apache runs without the limits that are written, or would be in a check.

    :raises CommandError: if systemd does not say when Apache was started.
    """
    service = ask_service(run, "apache2")
    return service.active and (work.limits_change or is_unread(service, changes([work.limits])))


def carry_out(work: Work, run: Runner) -> None:
    """Do it, and have Apache test its whole configuration.

    :raises CommandError: if something fails; everything is then as before, and Apache's words are in the message.
    """
    if work.files.changed:
        change(work.files, "the files with its new limits", run)
