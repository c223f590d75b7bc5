# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A HOCON file for the eyes of people: the values of secret keys are masked."""

from __future__ import annotations

from bisect import bisect
from typing import Dict, Iterable, Pattern, Tuple

from ..editing.masking import MASK, before_secret, holds_secret
from ..editing.splice import Splice, spliced
from .edit import decoded
from .nodes import ARRAY, OBJECT, Field, Parsed, Piece, Value
from .parser import parse
from .text import COMMENT

# The number of each value that was seen, by path.
Labels = Dict[Tuple[str, ...], Dict[str, int]]


def masked(before: bytes, after: bytes, secret: Pattern[str]) -> tuple[str, str]:
    """Both states as text, without the values of secret keys; a value that changed can still be told.

    :param before: the bytes of a file that can be read.
    :param secret: found in the names of keys whose values, and the values below them, nobody may see.
    """
    labels: Labels = {}
    return _masked(decoded(before), secret, labels), _masked(decoded(after), secret, labels)


def _masked(text: str, secret: Pattern[str], labels: Labels) -> str:
    parsed = parse(text)
    fields = [field for field in parsed.fields if secret.search(".".join(field.path))]
    splices: dict[int, Splice] = {}
    for field in parsed.fields:
        for piece in _holding(text, field.value, secret):
            splices[piece.start] = _hidden(text, piece, field, labels)
    for field in fields:
        for splice in _of_field(text, field, labels):
            splices[splice.start] = splice
    splices.update((splice.start, splice) for splice in _of_comments(parsed, fields, secret))
    return spliced(text, _outermost(splices.values()))


def _of_field(text: str, field: Field, labels: Labels) -> Iterable[Splice]:
    """A value is masked as a whole, but an object member by member."""
    for piece in field.value.pieces:
        if piece.kind == OBJECT:
            continue
        yield _hidden(text, piece, field, labels)


def _hidden(text: str, piece: Piece, field: Field, labels: Labels) -> Splice:
    known = labels.setdefault(field.path, {})
    number = known.setdefault(text[piece.start : piece.end], len(known) + 1)
    return Splice(piece.start, piece.end, f"{MASK} (value {number})" if number > 1 else MASK)


def _holding(text: str, value: Value, secret: Pattern[str]) -> Iterable[Piece]:
    """The strings of a value, and of lists in it, that hold a secret. Members of objects are fields of their own."""
    rest = list(value.pieces)
    while rest:
        piece = rest.pop()
        if piece.kind == ARRAY:
            rest += [inner for item in piece.data or () for inner in item.pieces]
        elif piece.kind != OBJECT and holds_secret(text[piece.start : piece.end], secret):
            yield piece


def _of_comments(parsed: Parsed, fields: Iterable[Field], secret: Pattern[str]) -> Iterable[Splice]:
    """The rest of a comment behind a secret word, and all of a comment in a secret member, beside it or announced."""
    spans = _outermost(Splice(field.start, field.value.end) for field in fields)
    starts = [span.start for span in spans]
    in_comment = before_secret(secret)
    announced = -1
    for token in parsed.tokens:
        if token.kind != COMMENT:
            continue
        text = parsed.text[token.start : token.end].rstrip("\r")
        end = token.start + len(text)
        match = in_comment.search(text)
        last = bisect(starts, token.start) - 1
        beside = last >= 0 and parsed.text.rfind("\n", spans[last].end, token.start) < 0
        if beside or _is_next_line(parsed.text, announced, token.start):
            yield Splice(token.start + (2 if text.startswith("//") else 1), end, MASK)
        elif match:
            yield Splice(token.start + match.end(), end, MASK)
        announced = end if match and text.rstrip().endswith((":", "=")) else -1


def _is_next_line(text: str, end: int, start: int) -> bool:
    """Whether nothing but the end of a line stands between two places, of which the first may be -1 for none."""
    between = text[end:start] if end >= 0 else ""
    return between.isspace() and between.count("\n") == 1


def _outermost(splices: Iterable[Splice]) -> list[Splice]:
    kept: list[Splice] = []
    for splice in sorted(splices, key=lambda splice: (splice.start, -splice.end)):
        if not kept or splice.start >= kept[-1].end:
            kept.append(splice)
    return kept
