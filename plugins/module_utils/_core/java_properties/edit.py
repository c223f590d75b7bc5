# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decisions about files of java.util.Properties: no byte changes that nobody asked for."""

from __future__ import annotations

from typing import Any, Iterable, NamedTuple, Pattern, Sequence

from ..editing.masking import MASK, before_secret, holds_secret
from ..editing.splice import Splice, spliced
from ..errors import CoreError
from ..outcome import Outcome
from .text import (
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
    line_of,
    parse,
    start_of_lone_backslashes,
    uncommented,
)

PRESENT, ABSENT = "present", "absent"

# Nobody spreads a name over more lines; and a file may be nothing but comments that go on.
_MOST_JOINED = 100
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
            raise CoreError(f"settings[{position}].key: the key is empty; use the name of a property")
        if key in seen:
            raise CoreError(f"{where}: duplicate key, see settings[{seen[key]}]; keep one of them")
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
        raise CoreError(f'{where}: state present needs a value; set one, or write "" for an empty value')
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise CoreError(
        f"{where}: the value is a {type(value).__name__}, not a string; put it in quotes, exactly as in the file"
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
    keys = [edit.key for edit in edits]
    found = _Survey(text, keys)
    draft = _Draft(text, found, keep_duplicates)
    for edit in edits:
        draft.apply(edit)
    after = draft.result()
    _prove(found, found if after == text else _Survey(after, keys), edits, keep_duplicates)
    notes = tuple(draft.notes) + _byte_order_mark_notes(found.first, edits)
    return Outcome(before, after.encode(encoding, "surrogateescape"), notes)


def masked(before: bytes, after: bytes, encoding: str, secret: Pattern[str]) -> tuple[str, str]:
    """Both states as text for people, without the values of secret keys; a value that changed can still be told.

    :param secret: found in the names of keys whose values nobody may see.
    """
    labels: dict[tuple[str, str], str] = {}
    first = _masked(_decoded(before, encoding), secret, labels)
    return first, first if before == after else _masked(_decoded(after, encoding), secret, labels)


def _masked(text: str, secret: Pattern[str], labels: dict[tuple[str, str], str]) -> str:
    splices: list[Splice] = []
    comments: list[Chunk] = []
    hidden = False
    for chunk in parse(text):
        goes_on = chunk.kind == COMMENT and continues(body_of(chunk.text))
        if chunk.kind == COMMENT:
            comments.append(chunk)
            if goes_on and len(comments) < _MOST_JOINED:
                continue
        hidden = _mask_comments(comments, hidden, secret, splices) and goes_on
        comments = []
        shown = _masked_entry(chunk, secret, labels) if chunk.kind == ENTRY else chunk.text
        if shown != chunk.text:
            splices.append(Splice(chunk.start, chunk.end, shown))
    _mask_comments(comments, hidden, secret, splices)
    return spliced(text, splices).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _mask_comments(comments: Sequence[Chunk], hidden: bool, secret: Pattern[str], splices: list[Splice]) -> bool:
    """Mask comments of which each goes on in the next, and say whether what follows them is part of a secret, too.

    :param hidden: whether the comment above goes on and is a secret.
    """
    lines = [chunk.text for chunk in comments]
    if lines and _masked_comment(lines[0], hidden, secret) == lines[0]:
        # A name may be cut in two by the end of a line, or written with escapes.
        hidden = bool(secret.search(uncommented(lines)))
    for chunk in comments:
        shown = _masked_comment(chunk.text, hidden, secret)
        if shown != chunk.text:
            splices.append(Splice(chunk.start, chunk.end, shown))
            hidden = True
    return hidden


def _masked_entry(chunk: Chunk, secret: Pattern[str], labels: dict[tuple[str, str], str]) -> str:
    if not chunk.value or not (secret.search(chunk.key) or holds_secret(chunk.value, secret)):
        return chunk.text
    identity = (chunk.key, chunk.value)
    if identity not in labels:
        others = sum(1 for label in labels if label[0] == chunk.key)
        labels[identity] = f"{MASK} (value {others + 1})" if others else MASK
    return head_of(chunk, value_follows=True)[0] + labels[identity] + eol_of(chunk.text)


def _masked_comment(line: str, hidden: bool, secret: Pattern[str]) -> str:
    """A comment without its secret; ``hidden`` says that the comment above was one and went on."""
    if hidden:
        return "#" + MASK + eol_of(line)
    assignment = commented_assignment(line)
    if assignment and secret.search(assignment[0]):
        return assignment[1] + MASK + eol_of(line)
    match = before_secret(secret).search(line)
    return line[: match.end()] + MASK + eol_of(line) if match else line


def _decoded(data: bytes, encoding: str) -> str:
    """Every byte comes back from ``encode(encoding, "surrogateescape")``."""
    return data.decode(encoding, "surrogateescape")


class _Survey:
    """What a file says about some keys. All that it says besides is one number, lest large files fill the memory."""

    def __init__(self, text: str, keys: Iterable[str]) -> None:
        self.entries: dict[str, list[Chunk]] = {key: [] for key in keys}
        self.twins: dict[str, int] = {}
        """For each key that is commented out, where its last such comment ends."""
        self.others = 0
        self.first: Chunk | None = None
        self.last_other: Chunk | None = None
        twin = None
        for chunk in parse(text):
            twin = self._twin(chunk, twin) if chunk.kind == COMMENT else None
            self.first = self.first or chunk
            if chunk.kind == ENTRY and chunk.key in self.entries:
                self.entries[chunk.key].append(chunk)
                continue
            self.last_other = chunk
            if chunk.kind == ENTRY:
                self.others = hash((self.others, chunk.key, chunk.value))

    def _twin(self, chunk: Chunk, key: str | None) -> str | None:
        """Note which key a comment is about; ``key`` is the one of a comment above that goes on."""
        if key is None:
            assignment = commented_assignment(chunk.text)
            key = assignment[0] if assignment else None
        if key is None:
            return None
        if key in self.entries:
            self.twins[key] = chunk.end
        return key if continues(body_of(chunk.text)) else None


class _Draft:
    """A file in the making. Each key is edited once, so no edit can see another."""

    def __init__(self, text: str, found: _Survey, keep_duplicates: bool) -> None:
        self.text = text
        self.found = found
        self.keep_duplicates = keep_duplicates
        self.notes: list[str] = []
        self.splices: list[Splice] = []
        self.tail = found.last_other
        self.inserted: list[tuple[int, str]] = []
        self.appended: list[str] = []

    def apply(self, edit: Edit) -> None:
        entries = self.found.entries[edit.key]
        if edit.state == PRESENT:
            self._set(edit, entries)
            return
        for entry in entries:
            self._replace(entry, None if edit.state == ABSENT else entry.commented())

    def _replace(self, old: Chunk, new: Chunk | None) -> None:
        if new != old:
            self.splices.append(Splice(old.start, old.end, new.text if new else ""))
        if new and (self.tail is None or new.start > self.tail.start):
            self.tail = new

    def _set(self, edit: Edit, entries: Sequence[Chunk]) -> None:
        if not entries:
            self._add(edit)
            return
        *others, last = entries
        self._replace(last, last if last.value == edit.value else _with_value(last, edit.value))
        for entry in others:
            if self.keep_duplicates:
                self._replace(entry, entry)
                continue
            line, later = line_of(self.text, entry.start), line_of(self.text, last.start)
            self.notes.append(f"line {line}: removed an assignment of {edit.key} that line {later} overrides")
            self._replace(entry, None)

    def _add(self, edit: Edit) -> None:
        line = escaped_key(edit.key) + "=" + escaped_value(edit.value)
        twin = self.found.twins.get(edit.key, 0)
        if eol_of(self.text[:twin][-2:]):
            self.inserted.append((twin, line))
        else:
            self.appended.append(line)

    def result(self) -> str:
        """The text of the file."""
        eol = _dominant_eol(spliced(self.text, self.splices))
        for offset, line in self.inserted:
            self.splices.append(Splice(offset, offset, line + eol_of(self.text[max(offset - 2, 0) : offset])))
        text = spliced(self.text, self.splices)
        return _with_appended(text, self.tail, "".join(line + eol for line in self.appended))


def _dominant_eol(text: str) -> str:
    both = text.count("\r\n")
    count = {"\n": text.count("\n") - both, "\r\n": both, "\r": text.count("\r") - both}
    return max(count, key=lambda eol: count[eol])


def _with_appended(text: str, tail: Chunk | None, lines: str) -> str:
    """The text with lines at its end, or before its last one if that is open or has no line end.

    So the file is as it was when the lines are gone, and what somebody appends to its last line does not meet ours.
    """
    start = len(text)
    if tail is not None and lines and (tail.is_lone_backslash or tail.is_open or not eol_of(text)):
        start = start_of_lone_backslashes(text, start - len(tail.text))
    return text[:start] + lines + text[start:]


def _with_value(chunk: Chunk, value: str) -> Chunk:
    head, separator = head_of(chunk, value_follows=bool(value))
    head += "" if separator else "="
    after_separator = not separator or "=" in separator or ":" in separator
    return chunk._replace(text=head + escaped_value(value, after_separator) + eol_of(chunk.text), value=value)


def _prove(before: _Survey, after: _Survey, edits: Sequence[Edit], keep_duplicates: bool) -> None:
    """The edited text must mean what was asked, and nothing else may have changed."""
    right = before.others == after.others
    for edit in edits:
        values = [entry.value for entry in after.entries[edit.key]]
        if edit.state == PRESENT:
            right = right and values[-1:] == [edit.value] and (keep_duplicates or len(values) == 1)
        else:
            right = right and not values
    if not right:
        raise CoreError("the edit would not have the requested effect, so nothing was written; please report this file")


def _byte_order_mark_notes(chunk: Chunk | None, edits: Sequence[Edit]) -> tuple[str, ...]:
    first = chunk.key if chunk else ""
    return tuple(
        f"line 1: Java reads the byte-order mark as part of the first key, so this line does not set {edit.key}"
        for edit in edits
        if first in tuple(mark + edit.key for mark in _BYTE_ORDER_MARKS)
    )
