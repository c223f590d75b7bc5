# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of a text that are replaced."""

from __future__ import annotations

from typing import Iterable, NamedTuple


class Splice(NamedTuple):
    """What is replaced, and what by; where ``start`` is ``end``, the text is inserted."""

    start: int
    end: int
    text: str = ""


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """The text with some spans replaced; they may not overlap."""
    pieces = []
    position = 0
    for splice in sorted(splices):
        pieces += [text[position : splice.start], splice.text]
        position = splice.end
    return "".join([*pieces, text[position:]])
