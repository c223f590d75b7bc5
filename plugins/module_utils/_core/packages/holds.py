# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds which packages: what is ours may be taken back, what others hold stays theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import AbstractSet, Iterable

from ..outcome import Outcome


@dataclass(frozen=True)
class Holds:
    """Packages by their names.

    :param held: those that dpkg holds at their version.
    :param ours: those of which it is noted that they are held for us.
    """

    held: AbstractSet[str]
    ours: AbstractSet[str]


def decide(found: Holds, installed: Iterable[str], wanted: Iterable[str]) -> Outcome[Holds]:
    """Hold what is wanted and installed, and give back what was held for us and is wanted no more.

    :param wanted: the packages that shall be held; none to give all of ours back.
    """
    here = frozenset(wanted) & frozenset(installed)
    missing = here - found.held
    held = (found.held - (found.ours - here)) | missing
    return Outcome(found, Holds(held, (found.ours & here) | missing))


def others(found: Holds) -> list[str]:
    """Which packages somebody else holds."""
    return sorted(found.held - found.ours)


def describe(outcome: Outcome[Holds]) -> tuple[str, str]:
    """What changes, before and after, one package in a line."""
    before, after = outcome.before, outcome.after
    names = sorted((before.held ^ after.held) | (before.ours ^ after.ours))
    return _lines(before, names), _lines(after, names)


def _lines(holds: Holds, names: Iterable[str]) -> str:
    return "".join(f"{name}: {'held' if name in holds.held else 'not held'}{_note(holds, name)}\n" for name in names)


def _note(holds: Holds, name: str) -> str:
    return ", and recorded" if name in holds.ours else ""
