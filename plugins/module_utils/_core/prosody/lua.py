# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of prosody's files, which are Lua."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"--\[(=*)\[.*?\]\1\]|--[^\n]*|\[(=*)\[.*?\]\2\]|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    r"|[A-Za-z_][A-Za-z0-9_]*|[^\s]",
    re.DOTALL,
)
#: A text in long brackets, which leave a line end at its beginning out.
_LONG = re.compile(r"\[(=*)\[\n?(?P<text>.*)\]\1\]", re.DOTALL)


def words_of(text: str) -> list[str]:
    """The names, marks and quoted texts of a file, without its comments."""
    return [match.group() for match in _TOKEN.finditer(text) if not match.group().startswith("--")]


def is_text(word: str) -> bool:
    """Whether a word is a quoted text, or one in long brackets."""
    return word[:1] in ("'", '"') or _LONG.fullmatch(word) is not None


def inner(word: str) -> str:
    """A quoted text without its quotes."""
    long = _LONG.fullmatch(word)
    return long["text"] if long else word[1:-1]
