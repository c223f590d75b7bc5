# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of the check: a verdict with its subject, its machine, and the page that explains it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Iterable, Mapping, Sequence

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

#: The raw results of one subject on one machine, as the tasks of the check record them.
Part = Mapping[str, Any]

#: The page of the documentation for each subject.
ANCHORS = {
    "announcement": "docs/guides/turn.md#verify",
    "backends": "docs/guides/reverse_proxy.md#backends",
    "bridge": "docs/guides/check.md#on-the-machines",
    "certificates": "docs/guides/certificates.md#self-signed",
    "condition": "docs/guides/check.md#what-breaks-soon",
    "conflicts": "docs/guides/further_bridges.md#verify",
    "credentials": "docs/guides/turn.md#verify",
    "datagrams": "docs/problems.md",
    "host": "docs/guides/check.md#on-the-machines",
    "outside": "docs/problems.md",
    "packets": "docs/guides/check.md#firewall-rules",
    "privacy": "docs/guides/videobridge.md#privacy",
    "reach": "docs/guides/check.md#machines-that-do-not-answer",
    "relay": "docs/guides/turn.md#verify",
    "services": "docs/guides/check.md#on-the-machines",
    "tcp": "docs/problems.md",
    "wanted": "docs/guides/check.md#wanted-state",
    "workers": "docs/guides/sizing.md#the-proxy",
}


@dataclass(frozen=True)
class Row:
    """One row of the table.

    :param subject: a key of ``ANCHORS``.
    :param machine: the machine that shows it; empty for a row about several machines.
    :param cause: the name of the failed row that explains this one, or empty.
    :param anchor: the page of the documentation, with its heading.
    """

    subject: str
    machine: str
    name: str
    ok: bool
    expected: str
    found: str
    remedy: str
    cause: str
    anchor: str

    def data(self) -> dict[str, Any]:
        """Return the row in a type that Ansible can return."""
        return asdict(self)


def rows_of(subject: str, machine: str, verdicts: Iterable[Verdict]) -> list[Row]:
    """Return the rows for the verdicts about a subject."""
    return [
        Row(subject, machine, one.name, one.ok, one.expected, one.found, one.remedy, "", ANCHORS[subject])
        for one in verdicts
    ]


def first_of(words: Sequence[str], named: int) -> str:
    """Return the first words as a list in a sentence, with the number of the others."""
    more = len(words) - named
    return ", ".join(words[:named]) + (f" and {more} more" if more > 0 else "")


def probed(results: Iterable[Mapping[str, Any]]) -> list[Verdict]:
    """Return the verdicts in the results of probe_info."""
    return [
        Verdict(str(one["name"]), bool(one["ok"]), str(one["expected"]), str(one["found"]), str(one["remedy"]))
        for one in results
    ]
