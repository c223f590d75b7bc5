# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""A HOCON text as plain data, where it says all of it."""

from __future__ import annotations

from typing import Any

from .hocon_document import NotLiteral, evaluate, plain
from .hocon_edit import decoded
from .hocon_nodes import Parsed
from .hocon_parser import parse
from .hocon_text import joined_surrogates, refuse


def data_from(text: str) -> dict[str, Any]:
    """What Lightbend's library reads in a text, as dictionaries, lists, texts, numbers, booleans and None.

    :raises CoreError: for a text that the library refuses, and for a value that only the program knows.
    """
    text = decoded(joined_surrogates(text).encode("utf-8", "surrogatepass"))
    parsed = parse(text)
    try:
        return plain(evaluate(parsed), text)
    except NotLiteral as unknown:
        raise refuse(text, unknown.start, _reason(parsed, unknown.start)) from None


def _reason(parsed: Parsed, start: int) -> str:
    if any(include.start == start for include in parsed.includes):
        return "an include brings values here that only the program knows; write them out"
    if any(field.start == start for field in parsed.fields):
        return "+= adds to a list here that only the program knows; write out the whole list"
    return "a substitution stands here whose value only the program knows; write it out"
