# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decisions about a config.js: one block of assignments at its end, and no other byte changes."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Iterable, Iterator, NamedTuple, Pattern, Sequence

from ..errors import CoreError
from ..javascript.scopes import Script
from ..javascript.tokens import BLANK, COMMENT, Token, end_of, position_of, refuse, tokens
from ..outcome import Outcome
from ..printable import printable
from .block import BEGIN, END, Path, holds_mark, key_of, literal_of, path_of, read, require_apart, written
from .hazards import Hazards
from .settings import declares_config, without_secrets

PRESENT, ABSENT = "present", "absent"

_EOL = re.compile(r"\r\n|\n|\r")
_EOLS = ("\n", "\r\n", "\r")
# A real config.js has a fifth of it.
_LARGEST = 512 * 1024


class Edit(NamedTuple):
    """What one setting shall be: ``literal`` is JavaScript, and counts for ``present`` only."""

    path: Path
    literal: str
    state: str


def edits_from(settings: Iterable[dict[str, Any]]) -> tuple[Edit, ...]:
    """Check what a user wrote.

    :param settings: mappings with ``key``, ``value`` and ``state``.
    :raises CoreError: for a wrong key, a key that occurs twice or inside of another, or a value that JSON cannot hold.
    """
    edits: list[Edit] = []
    seen: dict[Path, int] = {}
    for position, setting in enumerate(settings):
        where = f"settings[{position}] ({setting['key']})"
        path = path_of(setting["key"], where)
        if path in seen:
            raise CoreError(f"{where}: duplicate key, see settings[{seen[path]}]; keep one of them")
        seen[path] = position
        literal = literal_of(setting.get("value"), where) if setting["state"] == PRESENT else ""
        edits.append(Edit(path, literal, setting["state"]))
    require_apart(edit.path for edit in edits if edit.state == PRESENT)
    return tuple(edits)


class _Document(NamedTuple):
    """A file: what is not ours, before and behind our block, and the settings in the block."""

    text: str
    head: str
    tail: str
    settings: dict[Path, str]
    program: Sequence[Token]

    @property
    def base(self) -> str:
        return self.head + self.tail

    @property
    def script(self) -> Script:
        """The program without its comments."""
        return Script([token for token in self.program if token.kind != COMMENT])


def decide(before: bytes, edits: Sequence[Edit]) -> Outcome[bytes]:
    """Decide what the file shall hold, and prove that it says what was asked.

    :param before: the bytes of the file.
    :param edits: one edit a setting, from :func:`edits_from`.
    :raises CoreError: for a file that no assignment can safely be added to.
    """
    text = _decoded(before)
    document = _parsed(text)
    settings = dict(document.settings)
    for edit in edits:
        if edit.state == PRESENT:
            settings[edit.path] = edit.literal
        else:
            settings.pop(edit.path, None)
    require_apart(settings)
    hazards = Hazards(document.script)
    notes = list(_notes(document, hazards, settings, edits))
    for edit in edits:
        if edit.state == PRESENT:
            notes += _judged(document, hazards, edit)
    after = _rendered(document, settings)
    data = after.encode("utf-8", "surrogateescape")
    _require_size(data, "would have", "shorten the values")
    _prove(document, _parsed(after), settings)
    return Outcome(before, data, tuple(notes))


def _judged(document: _Document, hazards: Hazards, edit: Edit) -> Iterator[str]:
    """Notes on what else an edit changes.

    :raises CoreError: if it would change nothing, or another setting, too; what is there already is left alone.
    """
    is_new = document.settings.get(edit.path) != edit.literal
    for hazard in hazards.of(edit.path):
        line, column = position_of(document.base, hazard.start)
        if is_new and not hazard.is_note:
            problem = f"{hazard.problem}; change the file so that {key_of(edit.path)} has a plain value of its own"
            message = f"column {column}: {problem}"
            raise CoreError(message, line)
        yield f"line {line}: {hazard.problem}"


def masked(before: bytes, after: bytes, secret: Pattern[str]) -> tuple[str, str]:
    """Both states as text for people, without the values of secret keys; a value that changed can still be told.

    :param secret: found in the names whose values nobody may see.
    """
    labels: dict[str, dict[str, str]] = {}
    first, second = (without_secrets(_decoded(data), secret, labels) for data in (before, after))
    return printable(first), printable(second)


def _decoded(data: bytes) -> str:
    """Every byte comes back from ``encode("utf-8", "surrogateescape")``."""
    _require_size(data, "has", "use the path of a config.js")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CoreError("the file is encoded in UTF-16; save it in UTF-8 first")
    return data.decode("utf-8", "surrogateescape")


def _require_size(data: bytes, verb: str, remedy: str) -> None:
    if len(data) > _LARGEST:
        raise CoreError(f"the file {verb} {len(data)} bytes, and the limit is {_LARGEST}; {remedy}")


def _parsed(text: str) -> _Document:
    program = list(tokens(text))
    marks = [token for token in program if token.kind == COMMENT and holds_mark(token.text)]
    if not marks:
        return _Document(text, text, "", {}, program)
    _require_one_block(text, marks)
    begin, end = marks
    # The first and the last piece are what stands on the lines of the marks themselves.
    lines = _EOL.split(text[begin.end : end.start])[1:-1]
    settings = read(lines, position_of(text, begin.start)[0] + 1)
    head, rest = text[: begin.start], text[end.end :]
    closing = _EOL.match(rest)
    tail = rest[closing.end() :] if closing else rest
    if not rest and head:
        # A file that had no newline at its end has none now, so the one before the block is ours.
        head = _without_last_eol(head)
    return _Document(text, head, tail, settings, list(tokens(head + tail)))


def _require_one_block(text: str, marks: Sequence[Token]) -> None:
    for mark, expected in zip(marks, (BEGIN, END, None)):
        line, column = position_of(text, mark.start)
        if mark.text != expected or column != 1 or mark.depth:
            hint = f"'{expected}' alone on its line" if expected else "no third mark"
            raise CoreError(
                f"the marks of selfhosted.jitsi.config_js are damaged, expected {hint} here;"
                " repair the marks, or remove them with everything between them",
                line,
            )
    if len(marks) == 1:
        refuse(text, marks[0].start, f"'{END}' is missing after this mark; add it, or remove the mark and its block")


def _without_last_eol(text: str) -> str:
    return text[: -2 if text.endswith("\r\n") else -1]


def _rendered(document: _Document, settings: dict[Path, str]) -> str:
    base = document.base
    if not settings:
        return base
    declare = _needs_declaration(document)
    eol = _dominant_eol(base)
    block = eol.join([BEGIN, *written(settings, declare), END])
    stays = document.settings and document.tail and BLANK.fullmatch(document.tail)
    head, tail = (document.head, document.tail) if stays else (base, "")
    if head and not head.endswith(("\n", "\r")):
        return head + eol + block + tail
    return head + block + _closing(document, stays, eol) + tail


def _closing(document: _Document, stays: object, eol: str) -> str:
    """The line end behind the block; a blank that JavaScript takes for one is left as the only one."""
    return "" if stays and document.text.endswith(END + document.tail) else eol


def _needs_declaration(document: _Document) -> bool:
    """Whether the file is empty but for comments, so that config may not exist when the block is reached."""
    if all(token.kind == COMMENT for token in document.program):
        return True
    if not declares_config(document.script):
        raise CoreError("the code in the file does not set config; use the path of the file that defines config")
    return False


def _dominant_eol(text: str) -> str:
    count = Counter(_EOL.findall(text))
    return max(_EOLS, key=lambda eol: count[eol])


def _prove(before: _Document, after: _Document, settings: dict[Path, str]) -> None:
    """The block must say what was asked, stand last, and nothing else may have changed."""
    is_last = not settings or not after.tail or BLANK.fullmatch(after.tail)
    if after.base != before.base or list(after.settings.items()) != list(settings.items()) or not is_last:
        raise CoreError("the edit would not have the requested effect, so nothing was written; please report this file")


def _notes(document: _Document, hazards: Hazards, settings: dict[Path, str], edits: Sequence[Edit]) -> tuple[str, ...]:
    notes = []
    behind = end_of(BLANK, document.tail)
    if document.settings and settings and behind < len(document.tail):
        offset = len(document.text) - len(document.tail) + behind
        line = position_of(document.text, offset)[0]
        notes.append(f"line {line}: moved the block of this module from above this line to the end of the file")
    absent = {edit.path for edit in edits if edit.state == ABSENT}
    places = {found.path: found.start for found in hazards.definitions if found.path in absent}
    for edit in edits:
        if edit.path in places:
            line = position_of(document.base, places[edit.path])[0]
            notes.append(f"line {line}: the file itself still seems to set {key_of(edit.path)}")
    return tuple(notes)
