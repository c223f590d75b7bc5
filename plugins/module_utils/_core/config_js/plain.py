# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The values in a script that are written out: texts, numbers, true, false, null, and lists and objects of these."""

from __future__ import annotations

import json
import math
from typing import Any

from ..javascript.scopes import Script
from ..javascript.tokens import NAME, NUMBER, STRING, Token
from ..javascript.values import exact_text

_WORDS = {"true": True, "false": False, "null": None}


class NotPlain(Exception):
    """A value that has to be computed."""


def plain_value(script: Script, index: int) -> tuple[Any, int]:
    """A value, and where it ends.

    :raises NotPlain: for one that has to be computed, or that JSON cannot hold.
    """
    value, end = _one(script, index)
    following = script.code[end] if end < len(script.code) else None
    if following is None or script.text(end) in (",", ";", "}", "]") or _begins_a_line(following):
        return value, end
    raise NotPlain


def _begins_a_line(token: Token) -> bool:
    return token.kind == NAME and token.text not in ("in", "instanceof")


def _one(script: Script, index: int) -> tuple[Any, int]:
    token = script.code[index] if index < len(script.code) else None
    if token is None:
        raise NotPlain
    if token.kind == STRING:
        return _text(token), index + 1
    if token.kind == NUMBER or (script.text(index) == "-" and script.code[index + 1].kind == NUMBER):
        sign = "-" if script.text(index) == "-" else ""
        end = index + 1 if not sign else index + 2
        return _number(sign + script.code[end - 1].text), end
    if script.text(index) in _WORDS:
        return _WORDS[script.text(index)], index + 1
    if script.text(index) == "[":
        return _list(script, index)
    if script.text(index) == "{":
        return _object(script, index)
    raise NotPlain


def _list(script: Script, index: int) -> tuple[list[Any], int]:
    items, end = [], script.partner[index]
    index += 1
    while index < end:
        value, index = plain_value(script, index)
        items.append(value)
        index += script.text(index) == ","
    return items, end + 1


def _object(script: Script, index: int) -> tuple[dict[str, Any], int]:
    members, end = {}, script.partner[index]
    index += 1
    while index < end:
        key = script.code[index]
        if key.kind not in (NAME, STRING) or script.text(index + 1) != ":":
            raise NotPlain
        name = _text(key) if key.kind == STRING else key.text
        members[name], index = plain_value(script, index + 2)
        index += script.text(index) == ","
    return members, end + 1


def _text(token: Token) -> str:
    said = exact_text(token)
    if said is None:
        raise NotPlain
    return said


def _number(text: str) -> Any:
    try:
        number = json.loads(text)
    except ValueError as error:
        raise NotPlain from error
    if isinstance(number, float) and not math.isfinite(number):
        raise NotPlain
    return number


def words_of(script: Script, index: int) -> list[str]:
    """The tokens of a value that is not plain, for a comparison."""
    words: list[str] = []
    depth = script.code[index].depth if index < len(script.code) else 0
    for place in range(index, len(script.code)):
        token = script.code[place]
        if token.depth < depth or (token.depth == depth and token.text in (",", ";")):
            break
        words.append(token.text)
    return words
