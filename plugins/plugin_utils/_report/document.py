# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as data, as docs/schemas/check.json describes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .model import Finding, Report, findings

#: The number of the schema; it rises if a field is removed or gets another meaning.
SCHEMA = 1


def document(report: Report) -> dict[str, Any]:
    """Return the report in types that JSON has; texts are those of the machines, unescaped."""
    return {
        "schema": SCHEMA,
        "site": report.fqdn,
        "when": report.when,
        "ok": report.ok,
        "checks": len(report.rows),
        "not_judged": report.not_judged,
        "public_address": report.public_address,
        "findings": [_finding(one) for one in findings(report)],
        "rows": [row.data() for row in report.rows],
        "machines": [asdict(machine) for machine in report.machines],
        "forwards": [asdict(forward) for forward in report.forwards],
        "backends": [asdict(backend) for backend in report.backends],
        "versions": dict(report.versions),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    row = finding.row
    return {
        "name": row.name,
        "machine": row.machine,
        "expected": row.expected,
        "found": row.found,
        "remedy": row.remedy,
        "anchor": row.anchor,
        "follows": [one.name for one in finding.follows],
    }
