# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which assignments of a config.js always count."""

from __future__ import annotations

from typing import Iterable, Iterator, Mapping

from ..javascript.scopes import Script
from ..javascript.values import CONDITIONAL
from .settings import Definition, steps


class Certainty:
    """What is known of the assignments of a script.

    :param uses: where config is used, and the index of the token behind each use.
    """

    def __init__(self, script: Script, uses: Mapping[int, int]) -> None:
        self._script = script
        self._uses = uses
        self._places = {token.start: index for index, token in enumerate(script.code)}

    def of(self, found: Iterable[Definition]) -> Iterator[tuple[Definition, bool]]:
        """Each definition, and whether it always counts; members are as certain as the object they stand in."""
        end, certain = -1, False
        for one in found:
            index = self._places[one.start]
            if index > end:
                certain = self._script.code[index].depth == 0 and not self._is_conditional(index)
                end = self._script.partner.get(one.value, -1)
            yield one, certain and not one.is_computed

    def _is_conditional(self, index: int) -> bool:
        """Whether something before an assignment decides on it, in ``if (a) b(), config.c = 1`` for the whole list."""
        script, before = self._script, index - 1
        if script.text(before) != ",":
            return script.text(before) in CONDITIONAL
        while before >= 0 and script.text(before) != ";":
            if script.text(before) in CONDITIONAL - {")"} or script.code[before].role == "header":
                return True
            before = script.partner[before] - 1 if script.text(before) in (")", "]", "}") else before - 1
        return False

    def is_guard(self, found: Definition) -> bool:
        """Whether it only makes an object where none is, as in ``config.a = config.a || {}``."""
        opening, before = found.value, self._script.text(self._places[found.start] - 1)
        is_empty = self._script.partner.get(opening) == opening + 1 and self._script.text(opening) == "{"
        if is_empty and before == ")":
            return True
        if opening not in self._uses:
            return False
        path, end = steps(self._script.code, self._uses[opening])
        return path == found.path and self._script.text(end) in ("||", "??")


def is_lent(script: Script, index: int, end: int) -> bool:
    """Whether config as a whole is handed to a function, which may change it.

    :param index: where config is used.
    :param end: the index of the token behind it.
    """
    is_argument = script.text(end) in (",", ")") and script.text(index - 1) in ("(", ",")
    return is_argument and script.text(index - 2) != "Object"
