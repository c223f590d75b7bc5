# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of anybody, in the form in which iptables-save prints them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Mapping

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
    """

    target: str
    conditions: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()


def target(line: str) -> str:
    """Return the chain or target that a rule leads to, empty if it has none."""
    return read(line).target


def read(line: str) -> Rule:
    """Read one rule, ``-A CHAIN ...``."""
    words = (_QUOTED.sub('""', line) if '"' in line else line).split(" ")[2:]
    conditions: dict[str, str] = {}
    option, negated = "", ""
    for number, word in enumerate(words):
        if word in ("-j", "-g"):
            return Rule("".join(words[number + 1 : number + 2]), conditions, tuple(words[number + 2 :]))
        if word == "!":
            negated = "!"
        elif word.startswith("-"):
            option = _OTHER_NAMES.get(word, word)
            if option not in _NO_CONDITION:
                conditions[option] = negated
            negated = ""
        elif option in conditions:
            conditions[option] += word
    return Rule("", conditions)
