# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Colours of the page and of the drawing, by day and by night."""

from __future__ import annotations

from typing import Mapping

from .model import State

#: Each colour by its name in CSS. All but ``line`` are for texts: they have the contrast of WCAG AA on ``back`` and
#: on ``card``.
LIGHT = {
    "back": "#f7f8f9",
    "card": "#ffffff",
    "text": "#1b2025",
    "quiet": "#56606b",
    "line": "#d5dae0",
    "link": "#1559b5",
    "ok": "#1a7440",
    "failing": "#bd1e2d",
    "follows": "#855400",
    "unjudged": "#56606b",
}
DARK = {
    "back": "#12161a",
    "card": "#1b2026",
    "text": "#e7eaed",
    "quiet": "#a3adb8",
    "line": "#363e47",
    "link": "#86b7ff",
    "ok": "#5cc98a",
    "failing": "#ff8087",
    "follows": "#e5b04c",
    "unjudged": "#a3adb8",
}

#: The class of each state in CSS.
CLASSES = {State.OK: "ok", State.FAILING: "failing", State.FOLLOWS: "follows", State.UNJUDGED: "unjudged"}

#: The rules of the page.
PAGE = """
* { box-sizing: border-box; }
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--back); color: var(--text); overflow-wrap: anywhere;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.sheet { max-width: 88rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1, h2, h3, h4, p, dl, dd, ul { margin: 0; }
h1 { font-size: 1.75rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.01em; }
h2 { font-size: 1.2rem; font-weight: 650; margin-bottom: 1rem; }
h3 { font-size: .95rem; font-weight: 600; color: var(--quiet); margin: 1.75rem 0 .6rem; }
h4 { font-size: 1.05rem; line-height: 1.4; font-weight: 650; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 3px; border-radius: 3px; }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.quiet { color: var(--quiet); }
.verdict { border-left: 5px solid var(--state); padding: .2rem 0 .2rem 1.1rem; margin-bottom: 2.5rem; }
.verdict p { margin-top: .35rem; }
.state { color: var(--state); font-weight: 600; }
.sides { display: grid; gap: 2.5rem; grid-template-columns: minmax(0, 1fr); margin-bottom: 3rem; }
svg.drawing { display: block; width: 100%; max-width: 30rem; height: auto; }
.finding { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--state);
  border-radius: 8px; padding: 1.1rem 1.25rem; margin-bottom: 1rem; }
dl { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: .35rem 1rem; margin-top: .75rem; }
dt { color: var(--quiet); }
.remedy { font-weight: 500; }
details { margin-top: .85rem; border-top: 1px solid var(--line); padding-top: .75rem; }
summary { cursor: pointer; font-weight: 600; }
details ul { margin-top: .4rem; padding-left: 1.3rem; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; background: var(--card);
  border: 1px solid var(--line); font-size: .92rem; }
caption { text-align: left; color: var(--quiet); padding-bottom: .6rem; }
th, td { text-align: left; vertical-align: top; padding: .6rem .8rem; border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 600; border-bottom-width: 2px; }
tbody th { font-weight: 500; }
thead th:nth-child(1) { width: 7.5rem; } thead th:nth-child(2) { width: 32%; } thead th:nth-child(3) { width: 9rem; }
tr.failing > :first-child, tr.follows > :first-child { box-shadow: inset 4px 0 var(--state); }
footer { margin-top: 3rem; }
footer dl { grid-template-columns: minmax(6rem, max-content) minmax(0, 1fr); }
@media (min-width: 62rem) {
  .sides { grid-template-columns: minmax(22rem, 30rem) minmax(0, 1fr); gap: 3.5rem; align-items: start; }
  h3:first-of-type { margin-top: 0; }
}
@media (max-width: 46rem) {
  .sheet { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.4rem; }
  .finding dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .finding dd + dt { margin-top: .5rem; }
  table, caption, tbody, tr, th, td { display: block; }
  table { border: 0; background: none; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--state);
    border-radius: 8px; padding: .75rem 1rem; margin-bottom: .75rem; }
  tr > *, tr.failing > :first-child, tr.follows > :first-child { border: 0; padding: .1rem 0; box-shadow: none; }
  td[data-label]::before { content: attr(data-label) ": "; color: var(--quiet); font-weight: 400; }
  td:empty { display: none; }
  tbody th { font-weight: 650; }
}
@media print {
  body { background: none; font-size: 10pt; }
  .sheet { max-width: none; padding: 0; }
  .sides { display: block; }
  svg.drawing { max-width: 11cm; margin-bottom: 1cm; }
  .finding, tr, svg.drawing { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  thead { display: table-header-group; }
}
"""


def colours(selector: str) -> str:
    """Return the rules that define all colours for a selector; paper has those of the day."""
    night = f"@media screen and (prefers-color-scheme: dark) {{ {selector} {{ {_variables(DARK)} }} }}"
    return f"{selector} {{ {_variables(LIGHT)} }}\n{night}\n{_states()}"


def _variables(palette: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in palette.items())


def _states() -> str:
    return "\n".join(f".{name} {{ --state: var(--{name}); }}" for name in CLASSES.values())
