# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find in the logs of a videobridge when they begin and which addresses it maps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterable

_DATED = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:")
_ADDRESSES = re.compile(rb"face=|localAddress=")


@dataclass(frozen=True)
class Log:
    """What is in the logs.

    :param oldest: the first line with a date and a time; empty if there is none.
    :param mappings: the lines that name addresses, in order.
    """

    oldest: str
    mappings: tuple[str, ...]


def read(lines: Iterable[bytes]) -> Log:
    """Read the lines of all logs, the oldest first."""
    oldest, mappings = "", []
    for line in lines:
        if not oldest and _DATED.search(line):
            oldest = _text(line)
        if _ADDRESSES.search(line):
            mappings.append(_text(line))
    return Log(oldest, tuple(mappings))


def last_lines(end: bytes) -> list[str]:
    """The lines of the end of a log; the first may be half a line."""
    return end.decode("utf-8", "replace").splitlines()


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r\n")
