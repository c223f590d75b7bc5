# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drawing, read back as XML: which boxes and lines there are, where they lie, and how their states differ."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.drawing import drawing, topology
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.model import Backend, Forward, Machine, State
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.shapes import sign

SVG = "{http://www.w3.org/2000/svg}"


class Seen:
    """The boxes and lines of a drawing by their titles; a box is (left, top, right, bottom), a line its points."""

    def __init__(self, report, draw=drawing):
        self.root = ElementTree.fromstring(draw(report))
        groups = [group for group in self.root.iter(f"{SVG}g") if group.find(f"{SVG}title") is not None]
        named = [(group.find(f"{SVG}title").text, group.get("class").split(), group) for group in groups]
        self.kinds = {title: words[1] for title, words, _group in named}
        self.boxes = {title: _corners(group) for title, words, group in named if words[0] == "box"}
        self.lines = {title: _points(group) for title, words, group in named if words[0] == "line"}

    def box(self, name):
        return next(box for title, box in self.boxes.items() if title.partition(":")[0] == name)

    def line(self, start):
        return next(points for title, points in self.lines.items() if title.startswith(start))


def _corners(group):
    x, y, width, height = (float(group.find(f"{SVG}rect").get(name)) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def _points(group):
    numbers = [float(number) for number in re.findall(r"[\d.]+", group.find(f"{SVG}path").get("d"))]
    return list(zip(numbers[::2], numbers[1::2]))


@pytest.fixture
def large(report):
    """A site of many sites, forwards and machines with long names."""
    name = "a-very-long-name-of-a-machine-in-the-basement"
    bridges = [Machine(f"{name}-{number}", "bridge", f"2001:db8:0:1::{number}") for number in range(5)]
    machines = [*(Machine(f"out{number}", "outside", "") for number in range(3)), Machine("host", "nat_host", "")]
    machines += [Machine("proxy", "proxy", "10.0.0.2"), Machine("meet", "jitsi", "10.0.0.3"), *bridges]
    forwards = [Forward("udp", f"{number}", bridges[number % 5].address) for number in range(10000, 10014)]
    backends = [Backend(f"site{number}.{name}.test", f"http://10.0.0.{number % 4 + 2}") for number in range(20)]
    return report(machines=machines, forwards=forwards, backends=backends)


def test_drawing_names_itself_for_those_who_do_not_see_it(row, report):
    root = ElementTree.fromstring(drawing(report(row("udp/10000: reaches the bridge"), row("a", ok=True))))
    assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
    assert root.get("aria-label") == "Topology of jitsi.test. failing: udp/10000. ok: meet"
    assert [child.tag for child in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert root[1].text.startswith("jitsi.test: 1 finding in 2 checks. failing: udp/10000")


def test_each_machine_has_a_box_and_so_has_each_other_address(row, report):
    seen = Seen(report(row("a"), row("b", ok=True, machine="proxy")))
    assert list(seen.boxes) == [
        "out: probes from outside",
        "host: NAT host",
        "proxy: ok",
        "meet: failing",
        "far: not judged",
        "192.168.123.20: another address",
    ]


@pytest.mark.parametrize(("label", "machine"), [("tcp/443", "proxy"), ("udp/10000", "meet"), ("udp/10001", "far")])
def test_forward_runs_from_the_host_to_its_machine(label, machine, report):
    seen = Seen(report())
    points, (left, top, _right, bottom) = seen.line(f"{label} to "), seen.box(machine)
    assert points[0][1] == seen.box("host")[3]
    assert points[-1][0] == left
    assert top < points[-1][1] < bottom


@pytest.mark.parametrize(("site", "target"), [("jitsi.test", "meet"), ("wiki.test", "192.168.123.20")])
def test_backend_runs_from_the_proxy_to_its_address(site, target, report):
    seen = Seen(report())
    points, proxy, box = seen.line(f"{site} to "), seen.box("proxy"), seen.box(target)
    assert (points[0][0], points[-1][0]) == (proxy[2], box[2])
    assert proxy[1] < points[0][1] < proxy[3]
    assert box[1] < points[-1][1] < box[3]


def test_states_are_those_of_the_places(row, report):
    rows = [row("udp/10000: reaches the bridge", cause="a"), row("wiki.test: the first page"), row("a")]
    rows += [row("tcp/443: answers", ok=True), row("jitsi.test: first page", ok=True, found="not judged: no log")]
    kinds = Seen(report(*rows)).kinds
    found = {title.split()[0]: kind for title, kind in kinds.items() if " to " in title and "from" not in title}
    assert found == {
        "tcp/443": "ok",
        "udp/10000": "follows",
        "udp/10001": "unjudged",
        "jitsi.test": "unjudged",
        "wiki.test": "failing",
    }
    assert kinds["meet: failing"] == "failing"


def test_states_differ_without_their_colours(report):
    signs = {re.sub(r'class="(ok|failing|follows|unjudged)"', "", sign(state, 0, 0)) for state in State}
    assert len(signs) == len(State)
    rules = ElementTree.fromstring(drawing(report())).find(f"{SVG}style").text
    dashes = dict(re.findall(r"\.drawing \.(\w+) \.way \{[^}]*dasharray: ([^;]+);", rules))
    assert len(set(dashes.values())) == len(dashes) == len(State) - 1


def test_lines_and_boxes_of_a_large_site_keep_apart_and_inside(large):
    seen = Seen(large)
    width, height = (float(number) for number in seen.root.get("viewBox").split()[2:])
    boxes = sorted(seen.boxes.values(), key=lambda box: box[1])
    assert len(boxes) == len(large.machines) + len({"10.0.0.4", "10.0.0.5"})
    assert all(above[3] < below[1] for above, below in zip(boxes, boxes[1:]))
    corners = [point for points in seen.lines.values() for point in points]
    corners += [point for box in boxes for point in (box[:2], box[2:])]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in corners)
    lanes = [points[1][0] for title, points in seen.lines.items() if " to " in title and "from" not in title]
    assert len(set(lanes)) == len(lanes) == len(large.forwards) + len(large.backends)
    left, _top, right, _bottom = seen.box("proxy")
    assert all(0 < lane < left - 6 or right + 6 < lane < width for lane in lanes)


def test_no_line_crosses_another(large, report):
    for site in (large, report()):
        ways = [points for title, points in Seen(site).lines.items() if " to " in title and "from" not in title]
        pieces = [(index, *piece) for index, points in enumerate(ways) for piece in zip(points, points[1:])]
        upright = [piece for piece in pieces if piece[1][0] == piece[2][0]]
        level = [piece for piece in pieces if piece[1][1] == piece[2][1]]
        assert [(one, other) for one in upright for other in level if one[0] != other[0] and crosses(one, other)] == []


def crosses(upright, level):
    (_one, (x, top), (_x, bottom)), (_other, (left, y), (right, _y)) = upright, level
    return min(left, right) <= x <= max(left, right) and min(top, bottom) <= y <= max(top, bottom)


def test_topology_has_the_boxes_and_lines_of_the_drawing_and_no_state(row, report):
    site = report(row("udp/10000: reaches the bridge"), row("a", ok=True))
    plain, judged = Seen(site, topology), Seen(site)
    assert set(plain.kinds.values()) == {"plain"}
    assert list(plain.boxes.values()) == list(judged.boxes.values())
    assert list(plain.lines.values()) == list(judged.lines.values())
    texts = [text.text for text in plain.root.iter(f"{SVG}text")]
    assert {"udp/10000", "jitsi.test", "Jitsi Meet with bridge"} <= set(texts)
    assert not {"ok", "failing", "not judged"} & set(texts)


def test_topology_stays_text_with_hostile_values(hostile):
    assert {one.tag for one in ElementTree.fromstring(topology(hostile)).iter()} == {
        SVG + name for name in ("svg", "title", "style", "g", "rect", "path", "text")
    }


def test_long_texts_are_cut_to_the_drawing(large):
    seen = Seen(large)
    width = float(seen.root.get("viewBox").split()[2])
    texts = list(seen.root.iter(f"{SVG}text"))
    assert max(float(text.get("x")) + 6 * len(text.text) for text in texts) <= width
    assert any("…" in text.text for text in texts)
    titles = {title.text for title in seen.root.iter(f"{SVG}title")}
    assert f"{large.machines[-1].name}: not judged" in titles


@pytest.mark.parametrize(
    "changes",
    [
        {"machines": []},
        {"machines": [], "forwards": [], "backends": [], "public_address": ""},
        {"machines": [Machine("meet", "jitsi", "")], "forwards": [Forward("udp", "10000", "")]},
        {"machines": [Machine("one", role, "10.0.0.1") for role in ("nat_host", "proxy", "jitsi")]},
        {"backends": [Backend("a.test", "http://127.0.0.1:8080"), Backend("a.test", "no URL"), Backend("", "")]},
    ],
    ids=["no machine", "nothing", "no host", "one machine", "odd backends"],
)
def test_unusual_sites_are_drawn_with_all_their_forwards(changes, report):
    site = report(**changes)
    seen = Seen(site)
    assert len([title for title in seen.lines if re.match(r"\w+/", title)]) == len(site.forwards)


def test_hostile_values_stay_texts(hostile):
    text = drawing(hostile)
    root = ElementTree.fromstring(text)
    allowed = {"svg", "title", "desc", "style", "g", "rect", "circle", "path", "text"}
    assert {element.tag for element in root.iter()} == {SVG + name for name in allowed}
    assert all(character.isprintable() or character == "\n" for character in text)
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on") or "href" in name]
