# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as one page of HTML, which needs nothing from elsewhere."""

from __future__ import annotations

from typing import Sequence

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.rows import Row

from .drawing import drawing
from .model import Finding, Place, Report, State, findings, place_of, states
from .shapes import attribute
from .style import CLASSES, PAGE, colours
from .text import SEVERAL, verdict

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_KINDS = {"forward": "Forward", "site": "Site", "machine": "Machine"}
_COLUMNS = ("Result", "Check", "Machine", "Expected", "Found")


def page(report: Report, base: str = "") -> str:
    """Return the document.

    :param base: the URL of the repository's files, with its last slash. Without it, pages of the guide are plain text.
    """
    found = findings(report)
    body = [
        _heading(report),
        '<div class="sides">',
        _section("Topology", drawing(report)),
        _section("Findings", _findings(report, found, base)),
        "</div>",
        _section("Checks", _table(report, found)),
        "</main>",
        _versions(report),
    ]
    return f'{_head(report)}<body><div class="sheet">{"".join(body)}</div></body></html>\n'


def _head(report: Report) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{attribute(verdict(report))}</title><style>{colours(':root')}{PAGE}</style></head>"
    )


def _heading(report: Report) -> str:
    state = State.OK if report.ok else State.FAILING if report.rows else State.UNJUDGED
    unjudged = f" · not judged: {report.not_judged}" if report.not_judged else ""
    return (
        f'<main><header class="verdict {CLASSES[state]}"><h1>{attribute(verdict(report))}</h1>'
        f'<p class="quiet">Checked at <time>{attribute(report.when)}</time>{unjudged}</p></header>'
    )


def _section(title: str, content: str) -> str:
    name = title.lower()
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{title}</h2>{content}</section>'


def _findings(report: Report, found: Sequence[Finding], base: str) -> str:
    """Return the findings, those of a place together."""
    if not found:
        return f'<p class="quiet">{"No check failed." if report.rows else "No check was made."}</p>'
    places: dict[Place, list[str]] = {}
    for number, finding in enumerate(found, 1):
        places.setdefault(place_of(report, finding.row), []).append(_finding(number, finding, base))
    return "".join(f"<h3>{_place(place)}</h3>{''.join(texts)}" for place, texts in places.items())


def _place(place: Place) -> str:
    return attribute(f"{_KINDS[place.kind]} {place.name}" if place.kind in _KINDS else SEVERAL.capitalize())


def _finding(number: int, finding: Finding, base: str) -> str:
    row = finding.row
    fields = [("Machine", row.machine), ("Expected", row.expected), ("Found", row.found)]
    texts = "".join(f"<dt>{name}</dt><dd>{attribute(value)}</dd>" for name, value in fields if value)
    remedy = f'<dt>Remedy</dt><dd class="remedy">{attribute(row.remedy)}</dd>' if row.remedy else ""
    guide = f"<dt>Guide</dt><dd>{_guide(row.anchor, base)}</dd>" if row.anchor else ""
    return (
        f'<article class="finding failing" id="finding-{number}"><h4>{attribute(row.name)}</h4>'
        f"<dl>{texts}{remedy}{guide}</dl>{_follows(finding.follows)}</article>"
    )


def _follows(rows: Sequence[Row]) -> str:
    items = "".join(f"<li>{attribute(row.name)}</li>" for row in rows)
    return f"<details open><summary>Because of this</summary><ul>{items}</ul></details>" if rows else ""


def _guide(anchor: str, base: str) -> str:
    text = f"<code>{attribute(anchor)}</code>"
    return f'<a href="{attribute(base + anchor)}">{text}</a>' if base else text


def _table(report: Report, found: Sequence[Finding]) -> str:
    heads = "".join(f'<th scope="col" role="columnheader">{name}</th>' for name in _COLUMNS)
    rows = "".join(_row(row, state, found) for row, state in zip(report.rows, states(report)))
    return (
        f'<table role="table"><caption>{len(report.rows)} checks in the order in which they are judged</caption>'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
    )


def _row(row: Row, state: State, found: Sequence[Finding]) -> str:
    cells = zip(_COLUMNS[2:], (row.machine, row.expected, row.found))
    texts = "".join(f'<td role="cell" data-label="{name}">{attribute(value)}</td>' for name, value in cells)
    return (
        f'<tr role="row" class="{CLASSES[state]}"><td role="cell" class="state">{_result(row, state, found)}</td>'
        f'<th scope="row" role="rowheader">{attribute(row.name)}</th>{texts}</tr>'
    )


def _result(row: Row, state: State, found: Sequence[Finding]) -> str:
    """Return the state in words, with a link to the finding of a failed row."""
    for number, finding in enumerate(found, 1):
        if any(one is row for one in (finding.row, *finding.follows)):
            return f'<a class="state" href="#finding-{number}">{state.value}</a>'
    return state.value


def _versions(report: Report) -> str:
    pairs = "".join(f"<dt>{attribute(name)}</dt><dd>{attribute(text)}</dd>" for name, text in report.versions.items())
    return f"<footer>{_section('Versions', f'<dl>{pairs}</dl>')}</footer>" if pairs else ""
