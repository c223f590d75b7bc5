# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as metrics for the textfile collector of Prometheus' node_exporter."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from typing import Iterable, Mapping

from .model import Report, findings

_PREFIX = "selfhosted_jitsi_check_"

#: The labels and the value of each sample of a metric.
Samples = Iterable[tuple[Mapping[str, str], int]]


def metrics(report: Report) -> str:
    """Return the text of the file, which ends with a newline.

    The label ``site`` keeps the files of several sites apart in one folder.

    :raises ValueError: if the time of the report is no ISO 8601 text.
    """
    site = {"site": report.fqdn}
    return "".join(
        [
            _metric("ok", "Whether all checks of the site passed", [(site, int(report.ok))]),
            _metric("findings", "Failed checks that no other failure explains", [(site, len(findings(report)))]),
            _metric("rows", "Checks by subject and result", _rows(report)),
            _metric("timestamp_seconds", "Time of the check in Unix seconds", [(site, _seconds(report.when))]),
        ]
    )


def _rows(report: Report) -> Samples:
    """Count the rows of each subject, zeros included, so that no series vanishes."""
    counts = Counter((row.subject, row.ok) for row in report.rows)
    for subject in sorted({row.subject for row in report.rows}):
        for ok in (True, False):
            yield {"site": report.fqdn, "subject": subject, "ok": str(ok).lower()}, counts[subject, ok]


def _metric(name: str, words: str, samples: Samples) -> str:
    lines = [f"# HELP {_PREFIX}{name} {words}", f"# TYPE {_PREFIX}{name} gauge"]
    lines += [f"{_PREFIX}{name}{{{_labels(labels)}}} {value}" for labels, value in samples]
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    """Escape what the text format gives a meaning; replace halves of characters, which UTF-8 cannot hold."""
    whole = value.encode("utf-8", "replace").decode("utf-8")
    return whole.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _seconds(when: str) -> int:
    moment = datetime.fromisoformat(when.replace("Z", "+00:00"))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp())
