# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""One decision: what was there, and what shall be there instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State")


@dataclass(frozen=True)
class Outcome(Generic[State]):
    """What a core decided.

    ``changed``, the diff and what is written are all derived from it, so check mode cannot disagree with a run.

    :param before: the state that was found (text, bytes or a tuple of rules).
    :param after: the state that was asked for, in the same type.
    :param notes: one line for each thing that the user should know about the decision.
    """

    before: State
    after: State
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything has to be done."""
        return self.before != self.after
