# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of the check as lines that people can read."""

from __future__ import annotations

import unicodedata
from typing import Any, Sequence

from .rows import Row

FIELDS = ("name", "expected", "found", "ok")
WIDEST = 60


def table(rows: Sequence[Row]) -> list[str]:
    """A heading, a rule and the rows, with equally wide columns.

    A cell that is wider than 60 columns goes on in the next line, so that one long answer does not widen the table.
    """
    if not rows:
        return []
    cells = [tuple(_pieces(_cell(getattr(row, field))) for field in FIELDS) for row in rows]
    heading = tuple([field] for field in FIELDS)
    columns = zip(heading, *cells)
    widths = [max(_width(piece) for cell in column for piece in cell) for column in columns]
    rule = "-+-".join("-" * width for width in widths)
    lines = [*_lines(heading, widths), rule]
    for row in cells:
        lines.extend(_lines(row, widths))
    return lines


def failures(rows: Sequence[Row]) -> list[str]:
    """What is wrong and what to do about it, one line for each row that is not in order."""
    wrong = (row for row in rows if not row.ok)
    return [f"{row.name}: expected {row.expected}, found {row.found}. {row.remedy}".rstrip() for row in wrong]


def message(rows: Sequence[Row]) -> str:
    """Return the text of a failed check, a heading and a line for each failed row; empty if all is in order."""
    sentences = failures(rows)
    return "\n".join([f"{len(sentences)} of {len(rows)} checks failed:", *sentences]) if sentences else ""


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return " ".join(str(value).split())


def _pieces(text: str) -> list[str]:
    pieces, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > WIDEST:
            pieces.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*pieces, line]


def _lines(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    height = max(len(cell) for cell in cells)
    filled = [list(cell) + [""] * (height - len(cell)) for cell in cells]
    return [
        " | ".join(cell[index] + " " * (width - _width(cell[index])) for cell, width in zip(filled, widths)).rstrip()
        for index in range(height)
    ]


def _width(text: str) -> int:
    """Columns on a terminal: East Asian wide characters take two, combining ones none."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) != 0 for character in text)
