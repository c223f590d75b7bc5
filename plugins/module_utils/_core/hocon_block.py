# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""The bytes of a HOCON file: spans that are cut or replaced, and the marked block of assignments at the end."""

from __future__ import annotations

import re
from typing import NamedTuple, Sequence

from .hocon_nodes import OBJECT, Field, Parsed
from .hocon_parser import parse
from .hocon_text import COMMENT, refuse
from .splice import Splice, spliced

BEGIN = "# BEGIN selfhosted.jitsi.hocon"
FINISH = "# END selfhosted.jitsi.hocon"

_REST_OF_LINE = re.compile(r"[^\S\n]*(\n|\Z)")
_BLANKS = re.compile(r"[^\S\n]*")


class Block(NamedTuple):
    """The block of assignments that is ours: its lines, and the lines between its markers."""

    start: int
    end: int
    body_start: int
    body_end: int

    def holds(self, field: Field) -> bool:
        """Whether a definition stands in the block."""
        return self.start <= field.start < self.end


def removal(text: str, field: Field) -> list[Splice]:
    """What to cut so that a definition is gone: with its line if nothing else is on it, and with its comma."""
    splices = []
    end = field.value.end
    if field.comma is not None:
        if _is_blank(text[end : field.comma]):
            end = field.comma + 1
        else:
            splices.append(Splice(field.comma, field.comma + 1))
    line_start = _line_start(text, field.start)
    rest = _REST_OF_LINE.match(text, end)
    if rest and _is_blank(text[line_start : field.start]):
        return [Splice(line_start, rest.end()), *splices]
    if not rest:
        end = _BLANKS.match(text, end).end()  # type: ignore[union-attr] # matches the empty string
    return [Splice(field.start, end), *splices]


def _is_blank(text: str) -> bool:
    return "\n" not in text and not text.strip().strip("\ufeff")


def _line_start(text: str, offset: int) -> int:
    """Where a line begins, behind a byte-order mark."""
    start = text.rfind("\n", 0, offset) + 1
    return start + 1 if start == 0 and text.startswith("\ufeff") else start


def find_block(parsed: Parsed) -> Block | None:
    """The block of a file, if it has one.

    :raises CoreError: for markers that do not enclose whole assignments outside all other objects.
    """
    text = parsed.text
    marks = [
        (token, text[token.start : token.end].rstrip())
        for token in parsed.tokens
        if token.kind == COMMENT and text.startswith(("# BEGIN self", "# END self"), token.start)
    ]
    marks = [mark for mark in marks if mark[1] in (BEGIN, FINISH)]
    if not marks:
        return None
    first = marks[0][0]
    if [name for _token, name in marks] != [BEGIN, FINISH]:
        raise refuse(text, first.start, f"'{BEGIN}' and '{FINISH}' must occur once, in this order; remove the others")
    for token, name in marks:
        inside = any(member.start < token.start < _end(member) for member in parsed.root)
        if inside or not _is_blank(text[_line_start(text, token.start) : token.start]):
            raise refuse(text, token.start, f"'{name}' must stand outside other values on a line of its own; move it")
    last = marks[1][0]
    end = text.find("\n", last.end) + 1 or len(text)
    body_start = text.find("\n", first.end) + 1
    return Block(_line_start(text, first.start), end, body_start, text.rfind("\n", 0, last.start) + 1)


def _end(member: object) -> int:
    return member.value.end if isinstance(member, Field) else member.end  # type: ignore[attr-defined]


def with_assignments(text: str, lines: Sequence[str], tidy: bool) -> str:
    """The text with lines added to the block, which is then the last thing in the file.

    :param tidy: remove the block if nothing is left in it.
    """
    parsed = parse(text)
    block = find_block(parsed)
    if not lines:
        body = text[block.body_start : block.body_end] if block and tidy else "x"
        return text if body.strip() else _without(text, block)
    eol = end_of_line(text)
    added = "".join(line + eol for line in lines)
    if block is None:
        return _appended(parsed, added, eol)
    if not any(member.start >= block.end for member in parsed.root):
        return spliced(text, [Splice(block.body_end, block.body_end, added)])
    text = spliced(text, [splice for field in _hidden(parsed, block) for splice in removal(text, field)])
    block = find_block(parse(text))
    body = text[block.body_start : block.body_end]  # type: ignore[union-attr] # its markers are still there
    return _appended(parse(_without(text, block)), body + added, eol)


def _hidden(parsed: Parsed, block: Block) -> list[Field]:
    """Assignments in the block that something behind it hides; they must not come into force when it moves."""
    later = {
        field.path
        for field in parsed.fields
        if field.start >= block.end and not field.in_array and field.value.pieces[0].kind != OBJECT
    }
    ours = [member for member in parsed.root if isinstance(member, Field) and block.holds(member)]
    return [
        member for member in ours if any(member.path[:length] in later for length in range(1, len(member.path) + 1))
    ]


def _without(text: str, block: Block | None) -> str:
    if block is None:
        return text
    start = block.start
    if not text.endswith("\n") and block.end == len(text):
        # The line end before the block came with it, into a file that had none at its end.
        start -= 2 if text.endswith("\r\n", 0, start) else min(start, 1)
    return text[:start] + text[block.end :]


def _appended(parsed: Parsed, body: str, eol: str) -> str:
    text = parsed.text
    block = BEGIN + eol + body + FINISH
    if parsed.brace is not None:
        start = _line_start(text, parsed.brace)
        alone = start > 1 and _is_blank(text[start : parsed.brace])
        return (
            text[: start if alone else parsed.brace]
            + ("" if alone else eol)
            + block
            + eol
            + (text[start:] if alone else text[parsed.brace :])
        )
    closed = text.endswith("\n") or text in ("", "\ufeff")
    return text + block + eol if closed else text + eol + block


def end_of_line(text: str) -> str:
    """The line ending that the file uses most."""
    count = text.count("\r\n")
    return "\r\n" if count * 2 > text.count("\n") else "\n"
