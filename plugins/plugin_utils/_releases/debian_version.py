# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of Debian's versions, as dpkg has it."""

from __future__ import annotations

import re
from typing import Tuple

_PARTS = re.compile(r"([^0-9]*)([0-9]*)")

# One pair for each part of a version: the letters as numbers, and the number behind them.
Part = Tuple[Tuple[int, ...], int]
Key = Tuple[int, Tuple[Part, ...], Tuple[Part, ...]]

# Where a version ends. What goes on is more than that, but for a tilde.
_END = ((0,), 0)


def key(version: str) -> Key:
    """What versions are sorted by."""
    epoch, _colon, rest = version.rpartition(":")
    upstream, dash, revision = rest.rpartition("-")
    number = int(epoch) if epoch.isdigit() else 0
    return (number, _parts(upstream), _parts(revision)) if dash else (number, _parts(rest), _parts(""))


def without_revision(version: str) -> str:
    """The part of a version that its authors gave it."""
    return version.rpartition("-")[0] or version


def _parts(text: str) -> tuple[Part, ...]:
    found = [(_letters(letters), int(number or "0")) for letters, number in _PARTS.findall(text)]
    while found and found[-1] == _END:
        found.pop()
    # Two, for a zero at the beginning is the same as nothing.
    return (*found, _END, _END)


def _letters(text: str) -> tuple[int, ...]:
    """A tilde comes before the end, and letters before everything else."""
    return (*(-1 if letter == "~" else ord(letter) + (0 if letter.isalpha() else 256) for letter in text), 0)
