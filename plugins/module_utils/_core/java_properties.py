# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""Decisions about files of java.util.Properties: no byte changes that nobody asked for."""

from __future__ import annotations

from collections import Counter
from typing import Any, Iterable, NamedTuple, Pattern, Sequence

from .errors import CoreError
from .java_properties_text import (
    COMMENT,
    ENTRY,
    Chunk,
    body_of,
    commented_assignment,
    continues,
    eol_of,
    escaped_key,
    escaped_value,
    head_of,
    joined_surrogates,
    parse,
    split_lines,
)
from .outcome import Outcome

PRESENT, ABSENT, COMMENTED = "present", "absent", "commented"

_MASK = "********"
_EOLS = ("\n", "\r\n", "\r")
_BYTE_ORDER_MARKS = ("\ufeff", "\xef\xbb\xbf")


class Edit(NamedTuple):
    """What one key shall be. ``value`` counts for ``present`` only."""

    key: str
    value: str
    state: str


def edits_from(settings: Iterable[dict[str, Any]]) -> tuple[Edit, ...]:
    """Check what a user wrote.

    :param settings: mappings with ``key``, ``value`` and ``state``.
    :raises CoreError: for an empty key, a key that occurs twice, or a value that is no text.
    """
    edits: list[Edit] = []
    seen: dict[str, int] = {}
    for position, setting in enumerate(settings):
        key, state = joined_surrogates(setting["key"]), setting["state"]
        where = f"settings[{position}] ({key})"
        if not key:
            raise CoreError(f"settings[{position}]: the key is empty; name the property that is meant")
        if key in seen:
            raise CoreError(f"{where}: settings[{seen[key]}] names the same key; keep one of them")
        seen[key] = position
        value = text_of(setting.get("value"), where) if state == PRESENT else ""
        edits.append(Edit(key, joined_surrogates(value), state))
    return tuple(edits)


def text_of(value: Any, where: str) -> str:
    """A value as the text that Java shall read.

    :param value: text or an integer; other types have more than one spelling, and only one of them would be right.
    :param where: what to call the value in errors.
    :raises CoreError: for a value of another type.
    """
    if value is None:
        raise CoreError(f'{where}: state present needs a value; give one, or write "" for an empty one')
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise CoreError(
        f"{where}: the value is a {type(value).__name__}, not a string; put it in quotes as the file shall have it"
    )


def decide(
    before: bytes, edits: Sequence[Edit], encoding: str = "utf-8", keep_duplicates: bool = False
) -> Outcome[bytes]:
    """Decide what the file shall hold, and prove that Java would read it so.

    :param before: the bytes of the file.
    :param edits: one edit a key, from :func:`edits_from`.
    :param encoding: how Java is told to read the file.
    :param keep_duplicates: leave assignments alone that a later one overrides.
    :raises CoreError: for a file that Java cannot read.
    """
    text = _decoded(before, encoding)
    chunks = parse(text)
    draft = _Draft(chunks, keep_duplicates)
    for edit in edits:
        draft.apply(edit)
    after = draft.text()
    _prove(chunks, parse(after), edits, keep_duplicates)
    notes = tuple(draft.notes) + _byte_order_mark_notes(chunks, edits)
    return Outcome(before, after.encode(encoding, "surrogateescape"), notes)


def masked(before: bytes, after: bytes, encoding: str, secret: Pattern[str]) -> tuple[str, str]:
    """Both states as text for people, without the values of secret keys; a value that changed can still be told.

    :param secret: found in the names of keys whose values nobody may see.
    """
    labels: dict[tuple[str, str], str] = {}
    texts = []
    for data in (before, after):
        pieces: list[str] = []
        hidden = False
        for chunk in parse(_decoded(data, encoding)):
            if chunk.kind == ENTRY:
                pieces.append(_masked_entry(chunk, secret, labels))
            elif chunk.kind == COMMENT:
                line = _masked_comment(chunk.lines[0], hidden, secret)
                hidden = line != chunk.lines[0] and continues(body_of(chunk.lines[0]))
                pieces.append(line)
            else:
                pieces.extend(chunk.lines)
        texts.append("".join(pieces).encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    return texts[0], texts[1]


def _masked_entry(chunk: Chunk, secret: Pattern[str], labels: dict[tuple[str, str], str]) -> str:
    if not chunk.value or not secret.search(chunk.key):
        return "".join(chunk.lines)
    identity = (chunk.key, chunk.value)
    if identity not in labels:
        others = sum(1 for label in labels if label[0] == chunk.key)
        labels[identity] = f"{_MASK} (value {others + 1})" if others else _MASK
    return head_of(chunk, value_follows=True)[0] + labels[identity] + eol_of(chunk.lines[-1])


def _masked_comment(line: str, hidden: bool, secret: Pattern[str]) -> str:
    """A comment without its secret; ``hidden`` says that the comment above was one and went on."""
    if hidden:
        return "#" + _MASK + eol_of(line)
    assignment = commented_assignment(line)
    if assignment and secret.search(assignment[0]):
        return assignment[1] + _MASK + eol_of(line)
    match = secret.search(line)
    return line[: match.end()] + _MASK + eol_of(line) if match else line


def _decoded(data: bytes, encoding: str) -> str:
    """Every byte comes back from ``encode(encoding, "surrogateescape")``."""
    return data.decode(encoding, "surrogateescape")


class _Draft:
    """A file in the making. Each key is edited once, so no edit can see another."""

    def __init__(self, chunks: Sequence[Chunk], keep_duplicates: bool) -> None:
        self.chunks: list[Chunk | None] = list(chunks)
        self.keep_duplicates = keep_duplicates
        self.notes: list[str] = []
        self.entries: dict[str, list[int]] = {}
        for position, chunk in enumerate(chunks):
            if chunk.kind == ENTRY:
                self.entries.setdefault(chunk.key, []).append(position)
        self.twins: dict[str, int] | None = None
        self.inserted: dict[int, list[str]] = {}
        self.appended: list[str] = []

    def apply(self, edit: Edit) -> None:
        positions = self.entries.get(edit.key, [])
        if edit.state == PRESENT:
            self._set(edit, positions)
            return
        for position in positions:
            self.chunks[position] = None if edit.state == ABSENT else _commented(self.chunks[position])

    def _set(self, edit: Edit, positions: Sequence[int]) -> None:
        if not positions:
            self._add(edit)
            return
        in_force = self.chunks[positions[-1]]
        if in_force.value != edit.value:
            self.chunks[positions[-1]] = _with_value(in_force, edit.value)
        for position in () if self.keep_duplicates else positions[:-1]:
            number = self.chunks[position].number
            self.notes.append(
                f"line {number}: removed an assignment of {edit.key} that line {in_force.number} overrides"
            )
            self.chunks[position] = None

    def _add(self, edit: Edit) -> None:
        line = escaped_key(edit.key) + "=" + escaped_value(edit.value)
        if self.twins is None:
            self.twins = _twins(self.chunks)
        if edit.key in self.twins:
            self.inserted.setdefault(self.twins[edit.key], []).append(line)
        else:
            self.appended.append(line)

    def text(self) -> str:
        eol = self._dominant_eol()
        pieces: list[str] = []
        tail = None
        for position, chunk in enumerate(self.chunks):
            if chunk is not None:
                pieces.extend(chunk.lines)
                tail = chunk
            for line in self.inserted.get(position, ()):
                own_eol = eol_of(pieces[-1]) or eol
                pieces.append(line + own_eol if eol_of(pieces[-1]) else own_eol + line + own_eol)
        return "".join(_with_appended(pieces, tail, [line + eol for line in self.appended], eol))

    def _dominant_eol(self) -> str:
        count = Counter(eol_of(line) for chunk in self.chunks if chunk for line in chunk.lines)
        return max(_EOLS, key=lambda eol: count[eol])


def _twins(chunks: Sequence[Chunk | None]) -> dict[str, int]:
    """For each key that is commented out, where its last such comment ends."""
    twins = {}
    key = None
    for position, chunk in enumerate(chunks):
        if chunk is None or chunk.kind != COMMENT:
            key = None
            continue
        if key is None:
            assignment = commented_assignment(chunk.lines[0])
            key = assignment[0] if assignment else None
        if key is not None:
            twins[key] = position
            key = key if continues(body_of(chunk.lines[0])) else None
    return twins


def _with_appended(pieces: list[str], tail: Chunk | None, lines: list[str], eol: str) -> list[str]:
    if not lines or not pieces:
        return pieces + lines
    if tail is not None and tail.is_lone_backslash:
        start = len(pieces) - len(tail.lines)
        return pieces[:start] + lines + pieces[start:]
    closing = "" if eol_of(pieces[-1]) else eol
    if tail is not None and tail.is_open:
        # An empty line takes the continuation; a lone LF would only complete a CR before it.
        closing += "\r" if eol == "\n" and eol_of(pieces[-1]) == "\r" else eol
    return [*pieces, closing, *lines]


def _with_value(chunk: Chunk, value: str) -> Chunk:
    head, separator = head_of(chunk, value_follows=bool(value))
    head += "" if separator else "="
    after_separator = not separator or "=" in separator or ":" in separator
    text = head + escaped_value(value, after_separator) + eol_of(chunk.lines[-1])
    return chunk._replace(lines=split_lines(text), value=value)


def _commented(chunk: Chunk) -> Chunk:
    return Chunk(COMMENT, chunk.number, tuple("#" + line for line in chunk.lines))


def _prove(before: Sequence[Chunk], after: Sequence[Chunk], edits: Sequence[Edit], keep_duplicates: bool) -> None:
    """The edited text must mean what was asked, and nothing else may have changed."""
    expected = {chunk.key: chunk.value for chunk in before if chunk.kind == ENTRY}
    for edit in edits:
        expected.pop(edit.key, None)
        if edit.state == PRESENT:
            expected[edit.key] = edit.value
    found = {chunk.key: chunk.value for chunk in after if chunk.kind == ENTRY}
    count = Counter(chunk.key for chunk in after if chunk.kind == ENTRY)
    single = keep_duplicates or all(count[edit.key] <= 1 for edit in edits)
    if found != expected or not single:
        raise CoreError("the edited text would not mean what was asked, so it was not written; please report this file")


def _byte_order_mark_notes(chunks: Sequence[Chunk], edits: Sequence[Edit]) -> tuple[str, ...]:
    first = chunks[0].key if chunks else ""
    return tuple(
        f"line 1: Java reads the byte-order mark as part of the first key, so this line does not set {edit.key}"
        for edit in edits
        if first in tuple(mark + edit.key for mark in _BYTE_ORDER_MARKS)
    )
