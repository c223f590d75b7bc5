# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows about machines and subjects of which too little was seen."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

LOOK = "Correct what the message names (often become, or its password) and check again"
TRY = "Correct what the message names and check again"
NOTHING = "it failed"


def unread(name: str, failure: Mapping[str, Any], remedy: str) -> Verdict:
    """Return the verdict about a subject of which a task failed.

    :param failure: the name of the ``task``, its ``message``, and whether no_log has ``censored`` its result.
    """
    return Verdict(name, False, str(failure["task"]), str(failure.get("message") or NOTHING), remedy)


def unreached(machine: str, answer: Mapping[str, Any]) -> Verdict:
    """Return the verdict about a machine that does not answer.

    :param answer: the result of the first task there.
    """
    remedy = f"Correct ansible_host and the ssh access of {machine}; what it would have shown was left out"
    return Verdict(f"{machine} is reached", False, "an answer over ssh", str(answer.get("msg", "no answer")), remedy)


def lost(machine: str, seen: Sequence[str]) -> Verdict:
    """Return the verdict about a machine that answered at first, and whose tasks then ended midway.

    :param seen: the subjects that were read before.
    """
    found = f"lost midway, after: {', '.join(seen)}" if seen else "lost midway, before its first result"
    remedy = f"Correct what the last task on {machine} says further up, and check again; its other rows are missing"
    return Verdict(f"{machine} is checked to the end", False, "all of its results", found, remedy)


def unusual(machine: str, subject: str, error: str) -> Verdict:
    """Return the verdict about a record that no judge understands.

    :param error: the kind of the error; its own words may hold a value, and the value a secret.
    """
    remedy = "Check again with -vv, and report the record of this subject if the row stays"
    found = f"a record of another type or form ({error})"
    return Verdict(f"{machine} can be looked at", False, f"a record of its {subject}", found, remedy)
