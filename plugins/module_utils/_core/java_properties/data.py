# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A text of java.util.Properties as a mapping, and a mapping as such a text."""

from __future__ import annotations

import re
from typing import Any, Mapping

from ..errors import CoreError
from .edit import text_of
from .text import ENTRY, escaped_key, escaped_value, joined_surrogates, line_of, parse

# Python keeps a byte that is not UTF-8 as U+DC80 to U+DCFF; no file has the other halves.
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def mapping_from(text: str) -> dict[str, str]:
    """What Java reads in a text; the last assignment of a key wins.

    :param text: a file's text, in which bytes that are not UTF-8 may stand as surrogates (``surrogateescape``).
    :raises CoreError: for a Unicode escape that Java would refuse, and for text that no file can hold.
    """
    text = joined_surrogates(text)
    _refuse_halves(text)
    return {chunk.key: chunk.value for chunk in parse(text) if chunk.kind == ENTRY}


def _refuse_halves(text: str) -> None:
    match = _NO_BYTE.search(text)
    if match:
        begin = max(text.rfind(end, 0, match.start()) for end in "\r\n") + 1
        code = f"U+{ord(match[0]):04X}"
        raise CoreError(
            f"column {match.end() - begin}: {code} is half of a character and cannot be in a file; read the file again",
            line_of(text, match.start()),
        )


def text_from(mapping: Mapping[Any, Any]) -> str:
    """A text in ASCII, one line for each key in order, in which Java reads exactly this mapping.

    :param mapping: texts as keys, and texts or integers as values.
    :raises CoreError: for keys and values of other types, and for two keys that Java would take for one.
    """
    expected: dict[str, str] = {}
    for name, value in mapping.items():
        if not isinstance(name, str):
            raise CoreError(f"the key {name!r} is a {type(name).__name__}, not a string; put it in quotes")
        key = joined_surrogates(name)
        if key in expected:
            raise CoreError(f"duplicate key {key!r}; keep one of them")
        if value is None:
            raise CoreError(f'the key {key!r} has no value; set one, or write "" for an empty value')
        expected[key] = joined_surrogates(text_of(value, f"the key {key!r}"))
    text = "".join(f"{escaped_key(key)}={escaped_value(value)}\n" for key, value in expected.items())
    if mapping_from(text) != expected:
        raise CoreError("the written text would not have the same meaning as the mapping; please report this mapping")
    return text
