# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of anybody, in the form in which iptables-save prints them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Mapping, Sequence

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
# They name a module, or are a remark.
_NO_CONDITION = ("-m", "--comment")
_OTHER_NAMES = {"--state": "--ctstate", "--dports": "--dport"}


@dataclass(frozen=True)
class Rule:
    """One rule.

    :param target: the chain or target that it leads to, empty if it has none.
    :param conditions: what packets have to be, by the name of the option; ``!`` stands before a value that they must
        not have. A condition without a value has an empty one.
    :param arguments: what stands behind the target.
    :param options: every option before the target in its order, with the modules (``-m``) and the remarks.
    :param is_goto: whether the packet does not come back from the chain.
    """

    target: str
    conditions: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    is_goto: bool = False


def target(line: str) -> str:
    """Return the chain or target that a rule leads to, empty if it has none."""
    return read(line).target


def read(line: str) -> Rule:
    """Read one rule, ``-A CHAIN ...``."""
    words = (_QUOTED.sub('""', line) if '"' in line else line).split(" ")[2:]
    options: list[tuple[str, str]] = []
    negated = ""
    for number, word in enumerate(words):
        if word in ("-j", "-g"):
            name, arguments = "".join(words[number + 1 : number + 2]), tuple(words[number + 2 :])
            return Rule(name, _conditions(options), arguments, tuple(options), word == "-g")
        if word == "!":
            negated = "!"
        elif word.startswith("-"):
            options.append((_OTHER_NAMES.get(word, word), negated))
            negated = ""
        elif options:
            name, value = options[-1]
            options[-1] = (name, f"{value}{' ' if value.strip('!') else ''}{word}")
    return Rule("", _conditions(options), (), tuple(options))


def _conditions(options: Sequence[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in options if name not in _NO_CONDITION}
