# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of remote machines as a terminal, a page and a drawing may show them."""

from __future__ import annotations

import re
import unicodedata
from typing import Iterator

WIDEST = 80
#: Controls, format characters such as those that turn the direction of writing, halves of characters, no characters.
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"))
_EMOJI = "\ufe0f"


def visible(text: str) -> str:
    """Return the text in one line, with an escape such as ``\\x1b`` for each character that cannot be seen."""
    return "".join(map(_shown, re.sub(r"[ \t\r\n]+", " ", text).strip(" ")))


def width(text: str) -> int:
    """Return the columns on a terminal: wide East Asian characters take two, combining ones none."""
    return sum(map(_columns, text))


def wrapped(text: str, first: str = "", rest: str = "", widest: int = WIDEST) -> list[str]:
    """Return the visible text in lines of at most ``widest`` columns.

    :param first: the beginning of the first line.
    :param rest: the beginning of the others, usually blanks.
    """
    lines, line, is_empty = [], first, True
    for word in _words(visible(text), widest - max(width(first), width(rest))):
        if not is_empty and width(line) + 1 + width(word) > widest:
            lines.append(line)
            line, is_empty = rest, True
        line += word if is_empty else f" {word}"
        is_empty = False
    return [*lines, line.rstrip()]


def fitted(text: str, columns: int) -> str:
    """Return the visible text; if it takes more columns than this, without its middle. The end often says most."""
    text = visible(text)
    if width(text) <= columns:
        return text
    end = _start(text[::-1], (columns - 1) // 2)[::-1]
    return f"{_start(text, columns - 1 - width(end))}…{end}"


def _start(text: str, columns: int) -> str:
    """Return the first characters that take at most these columns."""
    kept = text[:columns]
    while width(kept) > columns:
        kept = kept[:-1]
    return kept


def _words(text: str, room: int) -> Iterator[str]:
    for word in text.split(" "):
        piece, taken = "", 0
        for character in word:
            wide = _columns(character)
            if taken + wide > room:
                yield piece
                piece, taken = "", 0
            piece, taken = piece + character, taken + wide
        yield piece


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"


def _columns(character: str) -> int:
    if character != _EMOJI and unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
