# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What in a config.js makes an assignment mean something else: getters, frozen objects, and objects with two names."""

from __future__ import annotations

from typing import Iterable, Iterator, Mapping, NamedTuple

from ..javascript.scopes import Script
from ..javascript.tokens import NAME, STRING
from .block import Path, key_of
from .settings import Definition, definitions, steps

_FREEZING = frozenset(("freeze", "seal", "preventExtensions"))
_DEFINING = frozenset(("defineProperty", "__defineGetter__", "__defineSetter__"))
_NO_VARIABLES = frozenset(
    ("true", "false", "null", "undefined", "NaN", "Infinity", "function", "new", "typeof", "void")
)
_NO_VARIABLES |= {"async", "await", "class", "delete", "this"}
_ENDS = frozenset(("", ",", ";", "}", ")", "="))


class Hazard(NamedTuple):
    """Where something stands that hinders an assignment, and what it is; a note if the edit does what was asked."""

    start: int
    problem: str
    is_note: bool = False


class Hazards:
    """All that a script does with config besides assigning plain values."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.uses: Mapping[int, int] = dict(script.uses_of_global("config"))
        self.definitions = list(definitions(script, self.uses))
        self.names = [(found, name) for found in self.definitions if (name := self._other_name(found))]
        self.fixed = list(self._fixed())
        self.computed = [(found.path, found.start) for found in self.definitions if found.is_computed]
        self.computed += self._defined_properties()

    def of(self, path: Path) -> Iterator[Hazard]:
        """Yield what hinders an assignment to a path."""
        for computed, start in self.computed:
            if path[: len(computed)] == computed:
                yield Hazard(start, f"{key_of(computed)} has a getter or a setter here, so it cannot be assigned")
        for fixed, start in self.fixed:
            if _is_above(fixed, path):
                yield Hazard(start, f"{key_of(('config', *fixed))} is frozen here, so it cannot be changed after this")
        for found, name in self.names:
            yield from self._shared(found, name, path)

    def _shared(self, found: Definition, name: Path, path: Path) -> Iterator[Hazard]:
        own = ("config", *found.path)
        whole = ("config", *path)
        if name[0] == "config" and (_is_above(name, whole) or (found.path and _is_above(own, whole))):
            yield Hazard(found.start, f"{key_of(own)} and {key_of(name)} are the same object, so both would change")
        elif found.path and _is_above(own, whole):
            others = (other.path for other, same in self.names if same == name and other.path != found.path)
            other = next(others, None)
            if other:
                words = f"{key_of(own)} and {key_of(('config', *other))} are the same object, so both would change"
                yield Hazard(found.start, words)
            else:
                words = f"{key_of(own)} is the same object as {key_of(name)}, so both change"
                yield Hazard(found.start, words, is_note=True)

    def _other_name(self, found: Definition) -> Path:
        """The variable or the option whose value is assigned as it is; for an option it begins with config."""
        code, start = self.script.code, found.value
        if found.is_computed or start >= len(code) or code[start].kind != NAME or code[start].text in _NO_VARIABLES:
            return ()
        is_config = start in self.uses
        rest, end = steps(code, self.uses.get(start, start + 1))
        goes_on = self.script.text(end) not in _ENDS and (end >= len(code) or code[end].kind != NAME)
        name = ("config" if is_config else code[start].text, *rest)
        return () if goes_on or (is_config and not rest) else name

    def _called(self, words: Iterable[str]) -> Iterator[tuple[int, Path, int]]:
        """Calls of such methods whose first argument is config or an option: where, which, and the token behind it."""
        for index, token in enumerate(self.script.code):
            is_called = token.kind == NAME and token.text in words and self.script.text(index + 1) == "("
            if is_called and index + 2 in self.uses:
                path, end = steps(self.script.code, self.uses[index + 2])
                yield token.start, path, end

    def _fixed(self) -> Iterator[tuple[Path, int]]:
        for start, path, end in self._called(_FREEZING):
            if self.script.text(end) == ")":
                yield path, start
        for found in self.definitions:
            words = [self.script.text(index) for index in range(found.value, found.value + 4)]
            if not found.is_computed and words[:2] == ["Object", "."] and words[2] in _FREEZING:
                yield found.path, found.start

    def _defined_properties(self) -> Iterator[tuple[Path, int]]:
        code = self.script.code
        for start, path, end in self._called(_DEFINING):
            if self.script.text(end) == "," and end + 1 < len(code) and code[end + 1].kind == STRING:
                yield (*path, code[end + 1].text[1:-1]), start
        for index, end in self.uses.items():
            path, following = steps(code, end)
            if path and path[-1] in _DEFINING and self.script.text(following) == "(" and following + 1 < len(code):
                yield (*path[:-1], code[following + 1].text[1:-1]), code[index].start


def _is_above(outer: Path, inner: Path) -> bool:
    return len(outer) < len(inner) and inner[: len(outer)] == outer
