# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of a config.js that differ from those of its package."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from ..javascript.scopes import Script
from ..javascript.tokens import COMMENT, NAME, NUMBER, STRING, tokens
from ..javascript.values import text_of
from .block import key_of
from .settings import definitions

_INCLUDE = re.compile("<!--#.*?-->")
#: Names of settings whose values may be secret, although every browser gets them.
_SECRET = re.compile(r"secret|passw|token|api_?key|appkey", re.IGNORECASE)
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Change:
    """One setting.

    :param value: its value, if it is written out.
    :param is_plain: whether it is: a text, a number, true, false, null, or lists and objects of these.
    """

    key: str
    value: Any
    is_plain: bool = True

    def data(self) -> dict[str, Any]:
        """What can be shown of it."""
        is_secret = bool(_SECRET.search(self.key))
        is_shown = self.is_plain and not is_secret
        return {
            "key": self.key,
            "value": self.value if is_shown else None,
            "plain": self.is_plain,
            "secret": is_secret,
        }


class _NotPlain(Exception):
    """A value that has to be computed."""


def changes(text: str, original: str) -> list[Change]:
    """Return the settings of a script that another one does not have, or has with other values.

    :raises CoreError: for a script that cannot be read.
    """
    before, after = settings(original), settings(text)
    return [change for key, change in after.items() if before.get(key) not in (change, _without_includes(change))]


def _without_includes(change: Change) -> Change:
    """A setting as it was before its package had nginx put something into its text."""
    return replace(change, value=_INCLUDE.sub("", change.value)) if isinstance(change.value, str) else change


def settings(text: str) -> dict[str, Change]:
    """The innermost settings in the order of the script, by their keys. The last one of a key counts.

    :raises CoreError: for a script that cannot be read.
    """
    script = Script([token for token in tokens(text) if token.kind != COMMENT])
    found: dict[str, Change] = {}
    for each in definitions(script, dict(script.uses_of_global("config"))):
        opens = script.text(each.value) == "{"
        if each.path and not (opens and _is_members_only(script, each.value)):
            key = key_of(each.path)
            try:
                value, _end = _plain(script, each.value)
                found[key] = Change(key, value, not each.is_computed)
            except _NotPlain:
                found[key] = Change(key, _written(script, each.value), False)
    return found


def _is_members_only(script: Script, opening: int) -> bool:
    """Whether an object has members, which are settings of their own."""
    return script.partner.get(opening) != opening + 1


def _plain(script: Script, index: int) -> tuple[Any, int]:
    """A value, and where it ends."""
    value, end = _one(script, index)
    following = script.code[end] if end < len(script.code) else None
    if following is None or script.text(end) in (",", ";", "}", "]") or following.kind == NAME:
        return value, end
    raise _NotPlain


def _one(script: Script, index: int) -> tuple[Any, int]:
    token = script.code[index] if index < len(script.code) else None
    if token is None:
        raise _NotPlain
    if token.kind == STRING:
        return text_of(token), index + 1
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
    raise _NotPlain


def _list(script: Script, index: int) -> tuple[list[Any], int]:
    items, end = [], script.partner[index]
    index += 1
    while index < end:
        value, index = _plain(script, index)
        items.append(value)
        index += script.text(index) == ","
    return items, end + 1


def _object(script: Script, index: int) -> tuple[dict[str, Any], int]:
    members, end = {}, script.partner[index]
    index += 1
    while index < end:
        key = script.code[index]
        if key.kind not in (NAME, STRING) or script.text(index + 1) != ":":
            raise _NotPlain
        name = text_of(key) if key.kind == STRING else key.text
        members[name], index = _plain(script, index + 2)
        index += script.text(index) == ","
    return members, end + 1


def _number(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise _NotPlain from error


def _written(script: Script, index: int) -> list[str]:
    """The tokens of a value that is not plain, for a comparison."""
    words: list[str] = []
    depth = script.code[index].depth if index < len(script.code) else 0
    for token in script.code[index:]:
        if token.depth < depth or (token.depth == depth and token.text in (",", ";")):
            break
        words.append(token.text)
    return words
