# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects and arrays in a script, and the commas that they lack."""

from __future__ import annotations

from typing import Iterator

from .scopes import Script
from .tokens import NAME, NUMBER, REGEX, STRING, Token

_BEFORE_LITERAL = frozenset(("=", "(", ",", ":", "[", "?", "return", "&&", "||", "??"))
#: Names after which another name, a text or a number may stand in an object or an array.
_BEFORE_OPERAND = frozenset(("get", "set", "async", "function", "class"))
_OPERATORS = frozenset(("in", "instanceof", "extends"))


def lost_commas(script: Script) -> Iterator[Token]:
    """The tokens in objects and arrays after which a comma must stand."""
    literals: set[int] = set()
    for index, token in enumerate(script.code):
        if _begins_literal(script, index, literals):
            literals.add(index)
        around = script.around[index]
        if index and around in literals and around != index - 1:
            before = script.code[index - 1]
            doubled = script.text(around) == "{" and script.text(index - 1) == script.text(index) == ","
            if doubled or (_ends_operand(before, script.text(index - 1)) and _begins_operand(token, before)):
                yield before


def _begins_literal(script: Script, index: int, literals: set[int]) -> bool:
    if script.text(index) not in ("{", "["):
        return False
    before = script.text(index - 1)
    # After the colon of a label or a case, a brace begins a block.
    return before in _BEFORE_LITERAL and (before != ":" or script.around[index] in literals)


def _ends_operand(token: Token, mark: str) -> bool:
    if token.kind == NAME:
        return token.text not in _BEFORE_OPERAND | _OPERATORS and token.role not in ("keyword", "contextual")
    return token.kind in (STRING, NUMBER, REGEX) or mark in ("}", "]", ")")


def _begins_operand(token: Token, before: Token) -> bool:
    if token.text == "{":
        # After a name or a parenthesis it is the body of a class or a method.
        return before.kind in (STRING, NUMBER, REGEX) or before.text in ("}", "]")
    return token.kind in (STRING, NUMBER) or (token.kind == NAME and token.text not in _OPERATORS)
