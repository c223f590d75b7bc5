# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The structure of a HOCON file: who defines what, where, and which bytes belong to it."""

from __future__ import annotations

import re
from typing import Sequence

from .nodes import ARRAY, OBJECT, OPAQUE, SCALAR, Field, Include, Parsed, Piece, Reference, Value
from .text import (
    COMMENT,
    END,
    MAX_DEPTH,
    NEWLINE,
    NUMBER,
    SIMPLE,
    SPACE,
    STRING,
    SUBSTITUTION,
    UNQUOTED,
    WORD,
    Token,
    path_of,
    refuse,
    tokenize,
)

_BLANK = (SPACE, NEWLINE, COMMENT)
_INCLUDE_KINDS = ("file(", "url(", "classpath(")
_MAX_PATH = 100
_NO_UTF_8 = re.compile("[\udc80-\udcff]")


def parse(text: str) -> Parsed:
    """Read a file.

    :raises CoreError: for a file that Lightbend's library would refuse, or in which it would read other characters.
    """
    parser = _Parser(text)
    _refuse_other_encodings(text, parser.tokens)
    return parser.run()


def _refuse_other_encodings(text: str, tokens: Sequence[Token]) -> None:
    """Bytes that are not UTF-8, and are kept as surrogates here, may only stand in comments."""
    if _NO_UTF_8.search(text):
        for token in tokens:
            found = _NO_UTF_8.search(text, token.start, token.end) if token.kind != COMMENT else None
            if found:
                message = "this is not UTF-8; convert the file, for example with iconv"
                raise refuse(text, found.start(), message)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.result = Parsed(text, tokenize(text))
        self.tokens = self.result.tokens
        self.position = 0
        self.scope: tuple[str, ...] = ()
        self.arrays = 0
        self.depth = 0

    def run(self) -> Parsed:
        token = self.skip_blank()
        if token.kind == "[":
            raise self.error(token, "the file is a list, and a list has no keys; use a file with keys")
        if token.kind == "{":
            self.result.root, self.result.brace = self.object(braces=True)
        else:
            self.result.root = self.object(braces=False)[0]
        token = self.skip_blank()
        if token.kind != END:
            raise self.error(token, "there is text after the closing brace of the file; move it inside the braces")
        return self.result

    def error(self, token: Token, message: str) -> Exception:
        return refuse(self.text, token.start, message)

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def skip(self, kinds: Sequence[str]) -> Token:
        while self.token.kind in kinds:
            self.position += 1
        return self.token

    def skip_blank(self) -> Token:
        return self.skip(_BLANK)

    def take(self) -> Token:
        self.position += 1
        return self.tokens[self.position - 1]

    def raw(self, token: Token) -> str:
        return self.text[token.start : token.end]

    def enter(self, token: Token) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(token, f"there are more than {MAX_DEPTH} nested levels here; reduce the nesting")

    def object(self, braces: bool) -> tuple[list[Field | Include], int]:
        """Members up to the brace or the end, and where that is."""
        self.enter(self.token)
        if braces:
            self.take()
        members: list[Field | Include] = []
        while True:
            token = self.skip_blank()
            if self.closes(token, braces):
                break
            if token.kind == UNQUOTED and self.raw(token) == "include":
                member: Field | Include = self.include()
                separated = self.separator()[0]
            else:
                index = len(self.result.fields)
                member = self.field()
                separated, comma = self.separator()
                member = self.result.fields[index] = member._replace(comma=comma)
            members.append(member)
            if not separated and not self.closes(self.skip_blank(), braces):
                raise self.error(
                    self.token, "a comma or a new line is missing before this; add one, or quote the value"
                )
        self.depth -= 1
        if braces:
            self.take()
        return members, token.start

    def closes(self, token: Token, braces: bool) -> bool:
        if token.kind == END and braces:
            raise self.error(token, "the file ends inside braces; add the closing brace")
        if token.kind == "}" and not braces:
            raise self.error(token, "this closing brace has no opening brace; remove it")
        return token.kind == ("}" if braces else END)

    def separator(self) -> tuple[bool, int | None]:
        """Whether something separates this from what follows, and where the comma is, if that does."""
        start = self.position
        token = self.skip_blank()
        if token.kind == ",":
            self.take()
            return True, token.start
        return any(token.kind == NEWLINE for token in self.tokens[start : self.position]), None

    def include(self) -> Include:
        start = self.take().start
        wrappers = 0
        token = self.skip_blank()
        while token.kind == UNQUOTED:
            wrappers += self.opened_by(token)
            self.take()
            token = self.skip_blank()
        if token.kind != STRING:
            raise self.error(token, "include needs a file name in double quotes; if include is a key, quote it")
        end = self.take().end
        while wrappers:
            token = self.skip_blank()
            if token.kind != UNQUOTED or not set(self.raw(token)) == {")"} or wrappers < token.end - token.start:
                raise self.error(token, "the parenthesis of include is not closed; add the closing parenthesis")
            end = self.take().end
            wrappers -= token.end - token.start
        statement = Include(start, end)
        self.result.includes.append(statement)
        return statement

    def opened_by(self, token: Token) -> int:
        rest = self.raw(token)
        count = 0
        if rest.startswith("required("):
            rest = rest[len("required(") :]
            count += 1
        if rest in _INCLUDE_KINDS:
            return count + 1
        if rest or not count:
            raise self.error(
                token, 'include needs a file name; use "name", file("name"), url("name") or classpath("name")'
            )
        return count

    def field(self) -> Field:
        index = len(self.result.fields)
        start = self.token.start
        own_path = self.key()
        scope = self.scope
        path = scope + own_path
        if len(path) > _MAX_PATH:
            raise refuse(self.text, start, f"this path has more than {_MAX_PATH} elements; reduce the nesting")
        token = self.skip_blank()
        separator = token.kind if token.kind in ("=", ":", "+=") else ""
        if separator:
            self.take()
            self.skip_blank()
        elif token.kind != "{":
            raise self.error(
                token, "=, : or { is missing after the key; add it, or quote this text if it belongs to a value"
            )
        if separator == "+=" and self.arrays:
            raise self.error(token, "+= is not allowed inside a list; write the whole list")
        self.result.fields.append(None)  # type: ignore[arg-type] # keeps the order of the text
        self.scope = path
        value = self.value(joined=bool(separator))
        self.scope = scope
        if separator == "+=":
            self.result.references.append(Reference(path, path, start))
        made = Field(path, scope, start, separator, value, self.arrays > 0, None)
        self.result.fields[index] = made
        return made

    def key(self) -> tuple[str, ...]:
        first = self.position
        while self.token.kind in SIMPLE or self.token.kind == SPACE:
            self.position += 1
        if first == self.position:
            raise self.error(self.token, "a key is missing here; add one, or remove this")
        return path_of(self.text, self.tokens[first : self.position], self.tokens[first].start)

    def value(self, joined: bool) -> Value:
        """A value, and with ``joined`` all that stands behind it on its line."""
        pieces: list[tuple[Piece, Token]] = []
        first = self.position
        while True:
            token = self.token
            if token.kind not in SIMPLE and token.kind not in (SUBSTITUTION, "{", "["):
                break
            pieces.append((self.piece(token), token))
            after = self.position
            if not joined:
                break
            self.skip((SPACE,))
        if not pieces:
            raise self.error(self.token, "a value is missing here; add one")
        self.position = after
        start, end = self.tokens[first].start, pieces[-1][0].end
        return Value(start, end, self.concatenated([piece for piece, _token in pieces], start, end))

    def piece(self, token: Token) -> Piece:
        if token.kind == "{":
            members, brace = self.object(braces=True)
            return Piece(OBJECT, token.start, brace + 1, members)
        if token.kind == "[":
            items = self.array()
            return Piece(ARRAY, token.start, self.tokens[self.position - 1].end, items)
        self.take()
        if token.kind == SUBSTITUTION:
            self.result.references.append(Reference(token.value, self.scope, token.start))
            return Piece(OPAQUE, token.start, token.end, token.value)
        value = token.value if token.kind in (STRING, NUMBER, WORD) else self.raw(token)
        return Piece(SCALAR, token.start, token.end, value)

    def array(self) -> list[Value]:
        self.enter(self.take())
        self.arrays += 1
        items = []
        while self.skip_blank().kind != "]":
            if self.token.kind == END:
                raise self.error(self.token, "the file ends inside a list; close it with ]")
            items.append(self.value(joined=True))
            if not self.separator()[0] and self.token.kind != "]":
                raise self.error(
                    self.token, "a comma, a new line or ] is missing before this; add one, or quote the value"
                )
        self.take()
        self.arrays -= 1
        self.depth -= 1
        return items

    def concatenated(self, pieces: list[Piece], start: int, end: int) -> tuple[Piece, ...]:
        kinds = {piece.kind for piece in pieces}
        if len(pieces) == 1:
            return tuple(pieces)
        if len(kinds - {OPAQUE}) > 1:
            raise refuse(
                self.text, start, "values of different kinds (list, object, other) cannot be joined; quote the value"
            )
        if kinds == {SCALAR}:
            return (Piece(SCALAR, start, end, self.joined_text(pieces)),)
        if kinds == {ARRAY}:
            return (Piece(ARRAY, start, end, [item for piece in pieces for item in piece.data]),)
        if OBJECT in kinds:
            return tuple(pieces)
        return (Piece(OPAQUE, start, end),)

    def joined_text(self, pieces: list[Piece]) -> str:
        """Scalars in a row are a string, with the whitespace between them."""
        parts = []
        previous = None
        for piece in pieces:
            if previous is not None:
                parts.append(self.text[previous.end : piece.start])
            raw = self.text[piece.start : piece.end]
            parts.append(piece.data if raw.startswith('"') else raw)
            previous = piece
        return "".join(parts)
