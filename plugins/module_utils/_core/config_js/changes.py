# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of a config.js that differ from those of its package."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterator

from ..javascript.scopes import Script
from ..javascript.tokens import COMMENT, NAME, NUMBER, STRING, tokens
from ..javascript.values import exact_text
from .block import Path, key_of
from .certainty import Certainty, is_lent
from .hazards import Hazards
from .plain import NotPlain, plain_value, words_of
from .secrets import is_secret
from .settings import Definition, steps

#: What a web server replaces by a text.
_INCLUDE, _INCLUDE_BEGIN = re.compile("<!--#.*?-->"), "<!--#"
#: The name of config itself, where it is no object that is written out.
_WHOLE = ("config",)
_CHANGING = frozenset(("copyWithin", "fill", "pop", "push", "reverse", "shift", "sort", "splice", "unshift"))
_COMPUTING = ("+", "-", "*", "/", "%", "**", "<<", ">>", ">>>", "&", "|", "^", "&&", "||", "??")
_ASSIGNING = frozenset(("++", "--", *(operator + "=" for operator in _COMPUTING)))
#: What stands behind config where not config as a whole is meant.
_AFTER_PART = frozenset((".", "?.", "[", "(", "=", "&&", "?"))


@dataclass(frozen=True)
class Change:
    """One setting.

    :param value: its value, if it is written out; else its words, for a comparison.
    :param is_plain: whether it is written out, and whether every browser has this value.
    """

    key: str
    value: Any
    is_plain: bool = field(default=True, compare=False)

    def data(self) -> dict[str, Any]:
        """What can be shown of it."""
        hidden = is_secret(self.key, self.value if self.is_plain else "")
        is_shown = self.is_plain and not hidden
        return {
            "key": self.key,
            "value": self.value if is_shown else None,
            "plain": self.is_plain,
            "secret": hidden,
        }


def changes(text: str, original: str) -> list[Change]:
    """Return the settings of a script that another one does not have, or has with other values.

    :raises CoreError: for a script that cannot be read.
    """
    before, after = settings(original), settings(text)
    found = [change for key, change in after.items() if before.get(key) not in (change, _without_includes(change))]
    return [replace(change, is_plain=change.is_plain and _INCLUDE_BEGIN not in str(change.value)) for change in found]


def _without_includes(change: Change) -> Change:
    """A setting as it was before its package had nginx put something into its text."""
    return replace(change, value=_INCLUDE.sub("", change.value)) if isinstance(change.value, str) else change


def settings(text: str) -> dict[str, Change]:
    """The innermost settings in the order of the script, by their keys. The last one of a key counts.

    :raises CoreError: for a script that cannot be read.
    """
    read = _Settings(Script([token for token in tokens(text) if token.kind != COMMENT]))
    return {change.key: change for change in read.found.values()}


class _Found(Dict[Path, Change]):
    """Settings by their paths, with what is below each path at hand."""

    def __init__(self) -> None:
        super().__init__()
        self._below: dict[Path, dict[Path, None]] = {}

    def __setitem__(self, path: Path, change: Change) -> None:
        super().__setitem__(path, change)
        for length in range(len(path)):
            self._below.setdefault(path[:length], {})[path] = None

    def __delitem__(self, path: Path) -> None:
        super().__delitem__(path)
        for length in range(len(path)):
            del self._below[path[:length]][path]

    def below(self, path: Path) -> list[Path]:
        return list(self._below.get(path, ()))


class _Settings:
    """What a script leaves in ``config``, by the paths of the settings."""

    def __init__(self, script: Script) -> None:
        self._script = script
        hazards = Hazards(script)
        self._uses = hazards.uses
        self.found = _Found()
        self._unnamed: list[tuple[Path, list[str]]] = []
        self._end_of_unnamed = -1
        #: Where config or a part of it is used for itself, as in config.a = config.a || {}.
        self._guards: set[int] = set()
        certainty = Certainty(script, self._uses)
        for one, certain in certainty.of(hazards.definitions):
            if not self._only_makes_an_object(certainty, one):
                self._set(one, certain)
        for path, words in (*self._unnamed, *self._changed_in_place()):
            self._clear_above(path)
            self._blur(path, words)
        for path in list(self.found):
            if any(not hazard.is_note for hazard in hazards.of(path)):
                self.found[path] = replace(self.found[path], is_plain=False)

    def _only_makes_an_object(self, certainty: Certainty, one: Definition) -> bool:
        """Whether it is a guard, and nothing is there yet that it replaces where its condition holds."""
        if not certainty.is_guard(one) or words_of(self._script, one.value)[-2:] != ["{", "}"]:
            return False
        if one.value in self._uses:
            self._guards.add(one.value)
        there = self.found.get(one.path)
        is_empty = (there is None or there.value == {}) and not self.found.below(one.path)
        return one.value in self._guards or is_empty

    def _set(self, one: Definition, certain: bool) -> None:
        if not one.path and words_of(self._script, one.value) == list(_WHOLE):
            # It is config already, as in window.config = config.
            return
        opens = self._script.text(one.value) == "{"
        has_members = opens and self._script.partner.get(one.value) != one.value + 1
        for path in self.found.below(one.path):
            if certain:
                del self.found[path]
            else:
                self.found[path] = replace(self.found[path], is_plain=False)
        if has_members or (opens and not one.path):
            # The members follow as settings of their own.
            if certain and one.path in self.found:
                del self.found[one.path]
            self._unnamed += [(one.path, words) for words in self._other_members(one.value)]
            if not self._is_named(one):
                self._end_of_unnamed = max(self._end_of_unnamed, self._script.partner[one.value])
            return
        is_in_objects = self._clear_above(one.path)
        before = self.found.get(one.path)
        key = key_of(one.path or _WHOLE)
        is_named = self._is_named(one) and one.value > self._end_of_unnamed
        if certain and is_in_objects and one.path and is_named:
            self.found[one.path] = self._change(key, one.value)
        else:
            # Either value counts, so both do in a comparison.
            words = words_of(self._script, one.value)
            self.found[one.path] = Change(key, [before and before.value, words], False)

    def _change(self, key: str, index: int) -> Change:
        try:
            return Change(key, plain_value(self._script, index)[0])
        except NotPlain:
            return Change(key, words_of(self._script, index), False)

    def _is_named(self, one: Definition) -> bool:
        """Whether its path is written out, without variables and numbers in brackets."""
        code, text = self._script.code, self._script.text
        for index in range(one.value - 1, 0, -1):
            if code[index].start < one.start:
                break
            if code[index].kind == STRING:
                is_named = exact_text(code[index]) is not None
            else:
                is_named = "\\" not in code[index].text and (text(index - 1) != "[" or text(index + 1) != "]")
            if not is_named:
                return False
        return True

    def _other_members(self, opening: int) -> Iterator[list[str]]:
        """The members of an object without a name and a value that are written out: ``...a``, ``[a]: 1`` and ``a``."""
        code, text = self._script.code, self._script.text
        for index in range(opening + 1, self._script.partner[opening]):
            is_inside = self._script.around[index] == opening and text(index) not in (")", "]", "}")
            begins = is_inside and text(index - 1) in ("{", ",")
            is_named = code[index].kind in (NAME, STRING, NUMBER) and text(index + 1) == ":"
            is_property = text(index) in ("get", "set") and text(index + 1) != "("
            if begins and not is_named and not is_property:
                yield words_of(self._script, index)

    def _is_object(self, path: Path) -> bool:
        change = self.found.get(path)
        is_empty_or_list = change is not None and isinstance(change.value, (dict, list))
        return not path or is_empty_or_list or bool(self.found.below(path))

    def _clear_above(self, path: Path) -> bool:
        """Replace an empty object above a setting by the setting. What it does to another value is not told.

        :returns: whether only objects are above it.
        """
        above = [path[:length] for length in range(1, len(path)) if path[:length] in self.found]
        others = [each for each in above if not self.found[each].is_plain or self.found[each].value != {}]
        for each in above:
            if each in others:
                self._blur(each, [])
            else:
                del self.found[each]
        return not others

    def _blur(self, path: Path, words: list[str]) -> None:
        """Note that a setting, and what is below it, may have another value than the one that is written out."""
        before = self.found.get(path)
        self.found[path] = Change(key_of(path or _WHOLE), [before and before.value, words], False)
        for each in self.found.below(path):
            self.found[each] = replace(self.found[each], is_plain=False)

    def _changed_in_place(self) -> Iterator[tuple[Path, list[str]]]:
        """The settings that a script changes in other ways than with an assignment, and how."""
        code, text = self._script.code, self._script.text
        for index, end in self._uses.items():
            if index in self._guards:
                continue
            path, following = steps(code, end)
            first, mark = text(index - 1), text(following)
            words = [first, mark]
            has_other_name = first == "=" and mark not in _AFTER_PART and self._is_object(path)
            is_itself = not path and text(index - 2) == "config"
            if (has_other_name and not is_itself) or (not path and is_lent(self._script, index, end)):
                yield path, words
            elif path and mark == "(" and path[-1] in _CHANGING:
                yield path[:-1], [path[-1], *words_of(self._script, following)]
            elif mark in _ASSIGNING or first in ("delete", "++", "--") or text(index - 2) == "assign":
                yield path, [*words, *words_of(self._script, following + 1)]
