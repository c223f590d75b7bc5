# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The values of settings in a config.js, as a browser has them in the end."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from ..javascript.literals import lost_commas
from ..javascript.scopes import Script
from ..javascript.tokens import COMMENT, EOL, NAME, STRING, TEMPLATE, refuse, tokens
from ..javascript.values import text_of
from .block import Path
from .certainty import Certainty, is_lent
from .hazards import Hazards
from .settings import Definition

#: Each costs a look at the whole file; the files of all releases have fewer than ten.
_MOST_VARIABLES = 50
_DECLARING = ("var", "let", "const")
_ASSIGNING = frozenset(("=", "+=", "||=", "??=", "&&="))
_NOTHING = frozenset(("undefined", "null", "false"))
#: A web server replaces this by a text, and the script itself by none if the server has not.
_PLACEHOLDER = ("<!--#", "-->")


class Value(NamedTuple):
    """The text of a setting, empty if it is not set; or that it cannot be told without running the script."""

    text: str = ""
    is_known: bool = True


UNSET, UNKNOWN = Value(), Value(is_known=False)


class Values:
    """What a script sets below ``config``.

    :raises CoreError: with its line, for a script that no browser reads.
    :raises UnclearError: for one that cannot be read without guessing.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._script = Script([token for token in tokens(text) if token.kind != COMMENT])
        for token in lost_commas(self._script):
            refuse(text, token.end, "a comma is missing here, or there are two")
        hazards = Hazards(self._script)
        self._uses = hazards.uses
        self._computed = [path for path, _start in hazards.computed]
        self._is_lent = any(is_lent(self._script, index, end) for index, end in self._uses.items())
        self._certainty = Certainty(self._script, self._uses)
        self._definitions = list(self._certainty.of(hazards.definitions))
        self._variables = dict(self._plain_variables())

    @property
    def is_declared(self) -> bool:
        """Whether the script makes an object ``config`` at all."""
        return any(not found.path for found, _certain in self._definitions)

    def of(self, path: Path) -> Value:
        """The value of a setting whose value is a text."""
        value = UNSET
        for found, certain in self._definitions:
            if path[: len(found.path)] == found.path and not self._certainty.is_guard(found):
                value = self._value(found, path) if certain else UNKNOWN
        is_computed = any(path[: len(computed)] == computed for computed in self._computed)
        return UNKNOWN if is_computed or self._is_lent else value

    def _value(self, found: Definition, path: Path) -> Value:
        if found.path == path:
            return self._concatenated(found.value)
        opening = found.value
        if self._script.text(opening) != "{":
            return UNKNOWN
        # Those of its members that are written out follow as definitions of their own.
        spreads = ("...", "[")
        others = (index for index, around in enumerate(self._script.around) if around == opening)
        is_spread = any(
            self._script.text(index) in spreads and self._script.text(index - 1) in ("{", ",") for index in others
        )
        return UNKNOWN if is_spread else UNSET

    def _concatenated(self, index: int) -> Value:
        """A text, or several that are added."""
        code, words = self._script.code, []
        if self._script.text(index) in _NOTHING and self._ends(index + 1):
            return UNSET
        while True:
            token = code[index] if index < len(code) else None
            if token is None:
                return UNKNOWN
            if token.kind == STRING or (token.kind == TEMPLATE and token.text.endswith("`")):
                words.append(text_of(token))
            elif token.kind == NAME and token.text in self._variables:
                words.append(self._variables[token.text])
            else:
                return UNKNOWN
            index += 1
            if self._script.text(index) == "+":
                index += 1
            else:
                return Value("".join(words)) if self._ends(index) else UNKNOWN

    def _ends(self, index: int) -> bool:
        """Whether an expression ends before a token: at a mark, or at a line that begins with a name."""
        code = self._script.code
        if index >= len(code) or self._script.text(index) in (",", ";", "}"):
            return True
        is_name = code[index].kind == NAME and code[index].text not in ("in", "instanceof")
        return is_name and EOL.search(self._text, code[index - 1].end, code[index].start) is not None

    def _plain_variables(self) -> Iterator[tuple[str, str]]:
        """The variables that have one text, by name."""
        code, text = self._script.code, self._script.text
        left = _MOST_VARIABLES
        for index in range(len(code) - 3):
            is_plain = text(index) in _DECLARING and text(index + 2) == "=" and code[index + 3].kind == STRING
            if left and is_plain and code[index].depth == 0 and self._ends(index + 4):
                left -= 1
                name, said = code[index + 1].text, text_of(code[index + 3])
                if said.startswith(_PLACEHOLDER[0]) and said.endswith(_PLACEHOLDER[1]):
                    said = ""
                if not any(self._changes(name, said, use) for use in self._assigned(name, index + 1)):
                    yield name, said

    def _assigned(self, name: str, declared: int) -> Iterator[int]:
        for index, end in self._script.uses_of_global(name):
            if index != declared and self._script.text(end) in _ASSIGNING:
                yield index

    def _changes(self, name: str, said: str, index: int) -> bool:
        """Whether an assignment can change a variable. An empty one is not changed where an ``if`` asks for it."""
        brace = self._script.around[index]
        end = brace - 1
        if said or self._script.text(end) != ")":
            return True
        start = self._script.partner[end]
        names = {self._script.text(place) for place in range(start, end)}
        return self._script.text(start - 1) != "if" or name not in names
