# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shapes of the drawing as elements of SVG. Lengths are units of its view box, about a pixel each."""

from __future__ import annotations

from html import escape
from typing import Sequence

from .columns import fitted, visible
from .model import State
from .style import CLASSES

#: The sign of each state: a tick in a disc, a cross in a square, a mark in a triangle, a stroke in a ring.
_SIGNS = {
    State.OK: '<circle class="full" r="6.5"/><path class="sign" d="M-3 .2 L-.9 2.4 L3.1 -2.2"/>',
    State.FAILING: '<rect class="full" x="-6" y="-6" width="12" height="12" rx="1.5"/>'
    '<path class="sign" d="M-2.8 -2.8 L2.8 2.8 M2.8 -2.8 L-2.8 2.8"/>',
    State.FOLLOWS: '<path class="full" d="M0 -7 L7.2 5.6 H-7.2 Z"/><path class="sign" d="M0 -2.8 V1.2 M0 3.3 V3.6"/>',
    State.UNJUDGED: '<circle class="ring" r="5.8"/><path class="stroke" d="M-2.6 0 H2.6"/>',
}
_COLUMN = 6.4


def attribute(text: str) -> str:
    """Return a text of others for an element or an attribute."""
    return escape(visible(text))


def columns_in(room: float, kind: str) -> int:
    """Return how many columns of a text fit into a room; bold ones and those of names are wider."""
    wide = _COLUMN if kind == "small" else _COLUMN * 1.12 if "small" in kind else _COLUMN * 1.3
    return max(int(room / wide), 2)


def words(text: str, x: float, y: float, room: float, kind: str = "") -> str:
    """Return a line of text, cut to its room.

    :param kind: classes for the style.
    """
    line = escape(fitted(text, columns_in(room, kind)))
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{line}</text>'


def sign(state: State, x: float, y: float, scale: float = 1) -> str:
    """Return the sign of a state, which differs in its shape, too."""
    return f'<g class="{CLASSES[state]}" transform="translate({x:g} {y:g}) scale({scale:g})">{_SIGNS[state]}</g>'


def frame(x: float, y: float, width: float, height: float, kind: str) -> str:
    """Return a box with round corners."""
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="7"/>'


def line(points: Sequence[tuple[float, float]], kind: str, title: str) -> str:
    """Return a line with an arrow at its last point.

    :param title: the text that a pointer over the line shows.
    """
    path = " L".join(f"{x:g} {y:g}" for x, y in points)
    return (
        f'<g class="line {kind}"><title>{attribute(title)}</title>'
        f'<path class="way" d="M{path}"/><path class="full" d="{_arrow(points[-2], points[-1])}"/></g>'
    )


def _arrow(before: tuple[float, float], end: tuple[float, float]) -> str:
    (x, y), along = end, (end[0] - before[0], end[1] - before[1])
    if along[0]:
        back = -6 if along[0] > 0 else 6
        return f"M{x:g} {y:g} l{back} -3.5 v7 Z"
    return f"M{x:g} {y:g} l-3.5 -6 h7 Z"
