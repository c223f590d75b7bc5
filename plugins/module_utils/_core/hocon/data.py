# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A HOCON text as plain data, where the text alone says all of it."""

from __future__ import annotations

from typing import Any

from .document import evaluate, plain
from .edit import decoded
from .nodes import Parsed
from .parser import parse
from .text import joined_surrogates, refuse


def data_from(text: str) -> dict[str, Any]:
    """What Lightbend's library reads in a text, as dictionaries, lists, texts, numbers, booleans and None.

    :raises CoreError: for a text that the library refuses, and for an include, a substitution or ``+=``, even where
        something later overrides it: the library may resolve that all the same, and fail.
    """
    text = decoded(joined_surrogates(text).encode("utf-8", "surrogatepass"))
    parsed = parse(text)
    starts = [include.start for include in parsed.includes] + [reference.start for reference in parsed.references]
    if starts:
        raise refuse(text, min(starts), _reason(parsed, min(starts)))
    data: dict[str, Any] = plain(evaluate(parsed), text)
    return data


def _reason(parsed: Parsed, start: int) -> str:
    if parsed.text.startswith("${", start):
        return "the value of this substitution is known only to the program; write the value instead"
    if any(include.start == start for include in parsed.includes):
        return "the values of this include are known only to the program; write the values instead"
    return "this += adds to a list that is known only to the program; write the whole list"
