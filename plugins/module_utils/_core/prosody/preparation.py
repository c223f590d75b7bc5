# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What prosody makes of the letters of names and passwords: the profiles Nodeprep and SASLprep (RFC 6122, RFC 4013).

Both are of Unicode 3.2, and leave later letters as they are.
"""

from __future__ import annotations

import stringprep
from typing import Callable
from unicodedata import ucd_3_2_0

from ..errors import CoreError

#: Spaces beyond ASCII, control characters, private use, surrogates and the like.
_FORBIDDEN: tuple[Callable[[str], bool], ...] = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def prepared_name(name: str) -> str:
    """The part before the @ of an address, as prosody keeps it.

    :raises CoreError: for a character that no name may have.
    """
    mapped = "".join(stringprep.map_table_b2(letter) for letter in name if not stringprep.in_table_b1(letter))
    text = _allowed(ucd_3_2_0.normalize("NFKC", mapped))
    if " " in text:
        raise CoreError("it contains a blank")
    return text


def prepared_password(password: str) -> str:
    """A password, as prosody keeps it or makes its keys of.

    :raises CoreError: for a character that no password may have.
    """
    spaced = (" " if stringprep.in_table_c12(letter) else letter for letter in password)
    mapped = "".join(letter for letter in spaced if not stringprep.in_table_b1(letter))
    return _allowed(ucd_3_2_0.normalize("NFKC", mapped))


def _allowed(text: str) -> str:
    """The text itself.

    :raises CoreError: for a character that is forbidden, or for letters of both directions; the text is not in it.
    """
    if any(is_forbidden(letter) for letter in text for is_forbidden in _FORBIDDEN):
        raise CoreError("it contains a character that prosody does not allow")
    from_right = [stringprep.in_table_d1(letter) for letter in text]
    if any(from_right):
        is_mixed = any(stringprep.in_table_d2(letter) for letter in text)
        if is_mixed or not (from_right[0] and from_right[-1]):
            raise CoreError("it mixes letters that run from left to right and from right to left")
    return text
