# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read and change which packages dpkg holds, and note which of them are held for us."""

from __future__ import annotations

import os
from typing import AbstractSet

from ..._core.outcome import Outcome
from ..._core.packages.holds import Holds
from ..commands import Runner, call
from ..files import put, read_text

_FORMAT = "${db:Status-Want} ${db:Status-Status} ${Package}\\n"


def read(path: str, run: Runner) -> tuple[Holds, list[str]]:
    """What is held, and which packages are installed.

    :param path: the file in which is noted what is ours.
    :raises CommandError: if dpkg or the file cannot be asked.
    """
    said = call(run, ["dpkg-query", "--show", f"--showformat={_FORMAT}"], "", "list the packages", "dpkg")
    packages = [line.split() for line in said.splitlines()]
    held = frozenset(name for want, _status, name in packages if want == "hold")
    noted = read_text(path).split() if os.path.exists(path) else []
    return Holds(held, frozenset(noted)), [name for _want, status, name in packages if status == "installed"]


def carry_out(outcome: Outcome[Holds], path: str, run: Runner) -> None:
    """Hold and give back, in an order in which nothing of ours is ever held without a note.

    :raises CommandError: if dpkg or the file refuses.
    """
    before, after = outcome.before, outcome.after
    _note(path, before.ours | after.ours, before.ours)
    selections = [f"{name} hold\n" for name in sorted(after.held - before.held)]
    selections += [f"{name} install\n" for name in sorted(before.held - after.held)]
    if selections:
        call(run, ["dpkg", "--set-selections"], "".join(selections), "hold or release packages", "dpkg")
    _note(path, after.ours, before.ours | after.ours)


def _note(path: str, names: AbstractSet[str], noted: AbstractSet[str]) -> None:
    if names != noted:
        put(path, "".join(f"{name}\n" for name in sorted(names)) or None)
