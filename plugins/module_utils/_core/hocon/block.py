# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bytes of a HOCON file: spans that are cut or replaced, and the marked block of assignments at the end."""

from __future__ import annotations

import re
from typing import Callable, NamedTuple, Sequence

from ..editing.splice import Splice, spliced
from .nodes import OBJECT, Field, Include, Parsed
from .parser import parse
from .text import COMMENT, NEWLINE, SPACE, Token, refuse

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


def find_blocks(parsed: Parsed) -> tuple[Block, ...]:
    """The blocks of a file: more than one where a person's lines stand between them.

    :raises CoreError: for markers that do not enclose whole assignments outside all other objects.
    """
    text = parsed.text
    marks = [
        (token, text[token.start : token.end].rstrip())
        for token in parsed.tokens
        if token.kind == COMMENT and text.startswith(("# BEGIN self", "# END self"), token.start)
    ]
    marks = [mark for mark in marks if mark[1] in (BEGIN, FINISH)]
    for index, (token, name) in enumerate(marks):
        if name != (FINISH if index % 2 else BEGIN):
            raise refuse(text, token.start, f"'{BEGIN}' and '{FINISH}' must alternate; remove this line")
        inside = any(member.start < token.start < _end(member) for member in parsed.root)
        if inside or not _is_blank(text[_line_start(text, token.start) : token.start]):
            raise refuse(text, token.start, f"'{name}' must be on a line of its own, outside other values; move it")
    if len(marks) % 2:
        raise refuse(
            text, marks[-1][0].start, f"'{BEGIN}' is not followed by '{FINISH}'; add that, or remove this line"
        )
    ends = [token for token, _name in marks]
    return tuple(_block(text, begin, end) for begin, end in zip(ends[::2], ends[1::2]))


def _block(text: str, begin: Token, finish: Token) -> Block:
    end = text.find("\n", finish.end) + 1 or len(text)
    body_start = text.find("\n", begin.end) + 1
    return Block(_line_start(text, begin.start), end, body_start, text.rfind("\n", 0, finish.start) + 1)


def _end(member: Field | Include) -> int:
    return member.value.end if isinstance(member, Field) else member.end


def with_assignments(text: str, lines: Sequence[str], tidy: bool, together: bool) -> str:
    """The text with lines added to a block that is the last thing in the file.

    :param tidy: remove a block if nothing is left in it.
    :param together: move what stands in other blocks into this one, too; else they stay where they are.
    """
    parsed = parse(text)
    blocks = find_blocks(parsed)
    eol = end_of_line(text)
    added = "".join(line + eol for line in lines)
    is_last = bool(blocks) and not any(member.start >= blocks[-1].end for member in parsed.root)
    if lines and is_last and (len(blocks) == 1 or not together):
        text = spliced(text, [Splice(blocks[-1].body_end, blocks[-1].body_end, added)])
        return _without_blocks(parse(text), _is_empty).text if tidy else text
    if lines and blocks and together:
        hidden = _hidden(parsed, blocks)
        if hidden:
            parsed = parse(spliced(text, [splice for field in hidden for splice in removal(text, field)]))
        added = "".join(parsed.text[block.body_start : block.body_end] for block in find_blocks(parsed)) + added
        parsed = _without_blocks(parsed, lambda body: True)
    elif tidy:
        parsed = _without_blocks(parsed, _is_empty)
    return _appended(parsed, added, eol) if added else parsed.text


def _is_empty(body: str) -> bool:
    return not body.strip()


def _hidden(parsed: Parsed, blocks: Sequence[Block]) -> list[Field]:
    """Assignments in blocks that something behind them hides; they must not come into force when these move."""
    hidden = []
    for block in blocks:
        later = {
            field.path
            for field in parsed.fields
            if field.start >= block.end and not field.in_array and field.value.pieces[0].kind != OBJECT
        }
        ours = [member for member in parsed.root if isinstance(member, Field) and block.holds(member)]
        hidden += [field for field in ours if any(field.path[: end + 1] in later for end in range(len(field.path)))]
    return hidden


def _without_blocks(parsed: Parsed, unwanted: Callable[[str], bool]) -> Parsed:
    """The file without the blocks whose bodies are unwanted."""
    for block in reversed(find_blocks(parsed)):
        if unwanted(parsed.text[block.body_start : block.body_end]):
            parsed = parse(_without(parsed, block))
    return parsed


def _without(parsed: Parsed, block: Block) -> str:
    """The text without a block, and without the line ends that came with it."""
    text, start, end = parsed.text, block.start, block.end
    # In a file that has none at its end, the line end before the block is one of them.
    came_along = not text.endswith("\n") and end == len(text)
    blank_line = text[end : parsed.brace] if parsed.brace is not None else ""
    if blank_line in ("\n", "\r\n") and not _ends_in_comment(parsed, start):
        came_along, end = True, end + len(blank_line)
    if came_along:
        start -= 2 if text.endswith("\r\n", 0, start) else min(start, 1)
    return text[:start] + text[end:]


def _ends_in_comment(parsed: Parsed, end: int) -> bool:
    """Whether the line that ends here does so in a comment, which would take in what follows."""
    last = [token for token in parsed.tokens if token.end < end and token.kind not in (SPACE, NEWLINE)][-1:]
    return any(token.kind == COMMENT for token in last)


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
            # A blank line says that the brace stood behind other text, and shall do so again without the block.
            + (eol if alone else eol * 2)
            + (text[start:] if alone else text[parsed.brace :])
        )
    closed = text.endswith("\n") or text in ("", "\ufeff")
    return text + block + eol if closed else text + eol + block


def end_of_line(text: str) -> str:
    """The line ending that the file uses most."""
    count = text.count("\r\n")
    return "\r\n" if count * 2 > text.count("\n") else "\n"
