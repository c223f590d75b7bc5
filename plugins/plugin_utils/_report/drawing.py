# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site as a drawing: the Internet, the host with its forwards, and the machines behind it with their states."""

from __future__ import annotations

from .columns import width
from .layout import EDGE, HEAD, WIDTH, Box, Layout, lay_out
from .model import Backend, Forward, Place, Report, State, place_states
from .shapes import attribute, columns_in, frame, line, sign, words
from .style import CLASSES, colours
from .text import verdict

_LEGEND = {
    State.OK: "ok",
    State.FAILING: "failing",
    State.FOLLOWS: "follows from another",
    State.UNJUDGED: "not judged",
}
_STYLE = """
.drawing { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.drawing text { fill: var(--text); font-size: 13px; }
.drawing .name { font-weight: 600; }
.drawing .small { font-size: 11.5px; fill: var(--quiet); }
.drawing .zone { fill: none; stroke: var(--line); stroke-width: 1.5; }
.drawing .card { fill: var(--card); stroke: var(--line); stroke-width: 1.5; }
.drawing .box.failing .card { stroke: var(--state); stroke-width: 2.5; }
.drawing .box.follows .card { stroke: var(--state); stroke-width: 2; stroke-dasharray: 7 4; }
.drawing .box.unjudged .card { stroke-dasharray: 2 4; }
.drawing text.state { fill: var(--state); font-weight: 600; }
.drawing .unjudged text.state { font-weight: 400; }
.drawing .way { fill: none; stroke: var(--state, var(--quiet)); stroke-width: 1.75; stroke-linejoin: round; }
.drawing .failing .way { stroke-width: 2.5; stroke-dasharray: 9 4; }
.drawing .follows .way { stroke-dasharray: 5 4; }
.drawing .unjudged .way { stroke-dasharray: 1.5 4; }
.drawing .full { fill: var(--state, var(--quiet)); }
.drawing .ring { fill: var(--card); stroke: var(--state); stroke-width: 1.5; stroke-dasharray: 2.5 2; }
.drawing .sign { fill: none; stroke: var(--card); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.drawing .stroke { fill: none; stroke: var(--state); stroke-width: 1.8; }
"""


def drawing(report: Report) -> str:
    """Return the site as an element of SVG, which is also a document of its own."""
    known = place_states(report)
    layout = lay_out(report, known)
    height = layout.height + 62
    parts = [*_parts(layout, known), *_legend(layout.height + 24)]
    described = attribute(_described(known))
    title, said = attribute(f"Topology of {report.fqdn}"), attribute(verdict(report))
    return (
        f'<svg class="drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'aria-label="{title}. {described}"><title>{title}</title><desc>{said}. {described}</desc>'
        f"<style>{colours('.drawing')}{_STYLE}</style>{''.join(parts)}</svg>"
    )


def topology(report: Report) -> str:
    """Return a site that nobody has checked, as a document of SVG: the drawing without states, on its own ground."""
    layout = lay_out(report, None)
    height = layout.height + 2
    title = attribute(f"Topology of {report.fqdn}")
    ground = f'<rect class="ground" width="{WIDTH:g}" height="{height:g}" rx="8"/>'
    style = f"{colours('.drawing')}{_STYLE}.drawing .ground {{ fill: var(--back); }}"
    return (
        f'<svg class="drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" '
        f'width="{WIDTH:g}" height="{height:g}" role="img" aria-label="{title}"><title>{title}</title>'
        f"<style>{style}</style>{ground}{''.join(_parts(layout, None))}</svg>\n"
    )


def _parts(layout: Layout, known: dict[Place, State] | None) -> list[str]:
    """Return the site without its legend; without states if none are known."""
    hosts = (_box(box, EDGE + 4, WIDTH - EDGE - 4) for box in layout.hosts)
    return [*_internet(layout), *hosts, *_network(layout), *_forwards(layout, known), *_backends(layout, known)]


def _state_of(known: dict[Place, State] | None, kind: str, name: str) -> State | None:
    return None if known is None else known.get(Place(kind, name), State.UNJUDGED)


def _look(state: State | None) -> tuple[str, str]:
    """Return the class of a state, and the end of a title that names it."""
    return (CLASSES[state], f": {state.value}") if state else ("plain", "")


def _described(known: dict[Place, State]) -> str:
    """Return which places are in which state, the worst first."""
    order = (State.FAILING, State.FOLLOWS, State.UNJUDGED, State.OK)
    named = {
        state: [place.name or "several machines" for place, has in known.items() if has is state] for state in order
    }
    return ". ".join(f"{state.value}: {', '.join(names)}" for state, names in named.items() if names)


def _internet(layout: Layout) -> list[str]:
    bottom = layout.provider - 18
    parts = [frame(1, 1, WIDTH - 2, bottom - 1, "zone"), words("Internet", EDGE + 4, 19, 200, "small")]
    parts += [_box(box, EDGE + 4, WIDTH - EDGE - 4) for box in layout.outside]
    middle, provider = WIDTH / 2, layout.provider
    parts += [line([(middle, bottom), (middle, provider)], "plain", "from the Internet to the provider")]
    parts.append(frame(middle - 60, provider, 120, 24, "zone"))
    parts.append(words("provider", middle - 24, provider + 16, 110, "small"))
    return [*parts, line([(middle, provider + 24), (middle, provider + 44)], "plain", "from the provider to the host")]


def _network(layout: Layout) -> list[str]:
    zone = frame(1, layout.network, WIDTH - 2, layout.height - layout.network, "zone")
    label = words("bridge network", layout.left, layout.network + 20, 200, "small")
    return [zone, label, *(_box(box, layout.left, layout.right) for box in layout.inside)]


def _box(box: Box, left: float, right: float) -> str:
    room = right - left - 24
    kind = CLASSES[box.state] if box.state else "plain"
    parts = [frame(left, box.y, right - left, box.height, "card")]
    parts += [words(box.title, left + 12, box.y + 21, room - 20, "name"), _role(box, left + 12, room)]
    if box.address:
        parts.append(words(box.address, left + 12, box.y + HEAD - 10, room, "small"))
    if box.state:
        parts.append(sign(box.state, right - 16, box.y + 16))
    title = f"{box.title}: {box.state.value if box.state else box.role}"
    return f'<g class="box {kind}"><title>{attribute(title)}</title>{"".join(parts)}</g>'


def _role(box: Box, x: float, room: float) -> str:
    if box.state in (None, State.OK):
        return words(box.role, x, box.y + 37, room, "small")
    kind, state = "small state", box.state.value
    text = f"{state} · {box.role}"
    return words(text if width(text) <= columns_in(room, kind) else state, x, box.y + 37, room, kind)


def _forwards(layout: Layout, known: dict[Place, State] | None) -> list[str]:
    parts = []
    for forward, points in layout.forwards():
        state = _state_of(known, "forward", forward.label)
        kind, said = _look(state)
        parts.append(line(points, kind, f"{forward.label} to {forward.to}{said}"))
        parts.append(_port(forward, state, layout, points[-1][1]))
    return parts


def _port(forward: Forward, state: State | None, layout: Layout, y: float) -> str:
    room = layout.right - layout.left - 40
    if state is None:
        return _labelled(forward.label, state, layout.left + 12, y, room)
    return sign(state, layout.left + 16, y, 0.85) + _labelled(forward.label, state, layout.left + 28, y, room)


def _backends(layout: Layout, known: dict[Place, State] | None) -> list[str]:
    parts = []
    for backend, points in layout.backends():
        state = _state_of(known, "site", backend.site)
        kind, said = _look(state)
        parts.append(line(points, kind, f"{backend.site} to {backend.url}{said}"))
        parts.append(_site(backend, state, layout, points[0][1]))
    return parts


def _site(backend: Backend, state: State | None, layout: Layout, y: float) -> str:
    room = layout.right - layout.left - 40
    label = _labelled(backend.site, state, layout.left + 12, y, room)
    return label + (sign(state, layout.right - 16, y, 0.85) if state else "")


def _labelled(text: str, state: State | None, x: float, y: float, room: float) -> str:
    kind = "small" if state in (None, State.OK) else "small state"
    label = words(text, x, y + 4, room, kind)
    return f'<g class="{_look(state)[0]}">{label}</g>'


def _legend(y: float) -> list[str]:
    parts = []
    for number, (state, text) in enumerate(_LEGEND.items()):
        x, row = 6 + (number % 2) * 195, y + (number // 2) * 22
        stroke = f'<path class="way" d="M{x + 18:g} {row:g} h28"/>'
        parts.append(f'<g class="line {CLASSES[state]}">{stroke}</g>{sign(state, x + 6, row, 0.85)}')
        parts.append(words(text, x + 54, row + 4, 160, "small"))
    return parts
