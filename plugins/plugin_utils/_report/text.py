# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report for a terminal: lines of at most 80 columns."""

from __future__ import annotations

from typing import Sequence

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.rows import Row

from .columns import visible, wrapped
from .model import Finding, Report, State, findings, states

SEVERAL = "several machines"
_SIGNS = {State.OK: "ok", State.FAILING: "FAILED", State.FOLLOWS: "follows", State.UNJUDGED: "not judged"}
_SIGN_COLUMNS = max(map(len, _SIGNS.values())) + 2


def verdict(report: Report) -> str:
    """Return the result in one sentence, with the number of findings or of passed checks."""
    total, found = len(report.rows), len(findings(report))
    site = visible(report.fqdn)
    if not total:
        return f"{site}: nothing was checked"
    if found:
        return f"{site}: {_counted(found, 'finding')} in {_counted(total, 'check')}"
    if report.not_judged:
        return f"{site} works: {total - report.not_judged} of {_counted(total, 'check')} passed"
    return f"{site} works: all {total} checks passed" if total > 1 else f"{site} works: its check passed"


def summary(report: Report) -> list[str]:
    """Return the verdict, and each finding with its remedy and the failures that follow from it."""
    lines = wrapped(verdict(report), rest="  ")
    for number, finding in enumerate(findings(report), 1):
        lines += ["", *_finding(number, finding)]
    return [*lines, "", f"not judged: {report.not_judged}"] if report.not_judged else lines


def all_rows(report: Report) -> list[str]:
    """Return all rows with their states, for a verbose run."""
    return [line for row, state in zip(report.rows, states(report)) for line in _row(row, state)]


def _finding(number: int, finding: Finding) -> list[str]:
    row, start = finding.row, f"{number}. "
    indent = " " * len(start)
    lines = wrapped(row.name, start, indent)
    lines += _fields(indent, [("where", row.machine or SEVERAL), ("expected", row.expected), ("found", row.found)])
    lines += _fields(indent, [("remedy", row.remedy)])
    if finding.follows:
        names = "; ".join(one.name for one in finding.follows)
        lines += wrapped(f"Because of this: {names}", indent, f"{indent}  ")
    return lines + _fields(indent, [("guide", row.anchor)])


def _row(row: Row, state: State) -> list[str]:
    sign = _SIGNS[state].ljust(_SIGN_COLUMNS)
    where = f" ({row.machine})" if row.machine else ""
    fields = [("found", row.found)] if row.ok else [("expected", row.expected), ("found", row.found)]
    return [*wrapped(f"{row.name}{where}", sign, " " * _SIGN_COLUMNS), *_fields(" " * _SIGN_COLUMNS, fields)]


def _fields(indent: str, fields: Sequence[tuple[str, str]]) -> list[str]:
    """Return a line for each field that has a value, with the values below one another."""
    starts = [(f"{indent}{name}:".ljust(len(indent) + 10), value) for name, value in fields if value]
    return [line for start, value in starts for line in wrapped(value, start, " " * len(start))]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
