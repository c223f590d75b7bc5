# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read who sets limits of services, and write the drop-ins of ours."""

from __future__ import annotations

import contextlib
import os
from typing import Iterator, Sequence

from ..._core.files import Files
from ..._core.outcome import Outcome
from ..._core.services.limits import FILE, Limit, wanted
from ..files import read_text
from ..paths import put, read_files


def look(limits: Sequence[Limit], caller: str) -> Outcome[Files]:
    """Say what has to be done; nothing changes.

    :raises CommandError: if a file cannot be read.
    """
    others = {limit: [text for place in limit.places for text in _texts(place)] for limit in limits}
    after = wanted(limits, others, caller)
    return Outcome(read_files(after), after)


def _texts(place: str) -> Iterator[str]:
    """The texts of a file, or of the files below a folder, but for those of ours."""
    if os.path.isfile(place):
        yield read_text(place)
    for folder, _folders, names in os.walk(place):
        paths = [os.path.join(folder, name) for name in names if name != FILE]
        # A link to /dev/null is how systemd masks a unit.
        yield from (read_text(path) for path in paths if os.path.isfile(path))


def carry_out(outcome: Outcome[Files]) -> None:
    """Write the drop-ins, and remove those that are not wanted, with a folder that is empty then.

    :raises CommandError: if one cannot be.
    """
    for path, content in outcome.after.items():
        if content == outcome.before[path]:
            continue
        put(path, content)
        if content is None:
            with contextlib.suppress(OSError):
                os.rmdir(os.path.dirname(path))
