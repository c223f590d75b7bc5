# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a HOCON file is made of; every part knows which bytes it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .text import Token

SCALAR, ARRAY, OBJECT, OPAQUE = "scalar", "array", "object", "opaque"


class Piece(NamedTuple):
    """A part of a value. ``data`` is a scalar, a list of Values, a list of members, or the path of a substitution.

    An opaque piece is what only the program can resolve; its ``data`` is None if it is more than one substitution.
    """

    kind: str
    start: int
    end: int
    data: Any = None


class Value(NamedTuple):
    """What stands behind a key; more than one piece are merged in turn."""

    start: int
    end: int
    pieces: tuple[Piece, ...]


class Field(NamedTuple):
    """A key and its value. ``scope`` is the path of the object around it, ``path`` begins with it."""

    path: tuple[str, ...]
    scope: tuple[str, ...]
    start: int
    separator: str
    value: Value
    in_array: bool
    comma: int | None

    @property
    def own_path(self) -> tuple[str, ...]:
        """The path as the key says it."""
        return self.path[len(self.scope) :]


class Include(NamedTuple):
    """An include statement; what it brings is not known."""

    start: int
    end: int


class Reference(NamedTuple):
    """A substitution: what it refers to, and the path of the value that holds it."""

    path: tuple[str, ...]
    scope: tuple[str, ...]
    start: int


@dataclass
class Parsed:
    """A file, with every definition in the order of the text."""

    text: str
    tokens: list[Token]
    root: list[Field | Include] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    brace: int | None = None
    """Where the brace stands that closes the root object."""
