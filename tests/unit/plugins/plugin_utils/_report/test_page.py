# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page, read back by a parser: its structure, its texts, its contrast, and that it needs nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.columns import visible
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.page import page

VOID = {"meta", "br", "hr", "img", "link", "input"}
CLOSED = {"rect", "circle", "path"}
BASE = "https://git.test/jitsi/blob/main/"


class Element:
    """An element with its attributes, its children and its own text."""

    def __init__(self, tag, attributes):
        self.tag, self.attributes, self.children, self.own = tag, dict(attributes), [], ""

    def all(self, *tags):
        """Return it and the elements below it, or those with one of these tags."""
        below = [one for child in self.children if isinstance(child, Element) for one in child.all()]
        return [one for one in (self, *below) if not tags or one.tag in tags]

    def text(self):
        """Return all texts below it."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


class Reader(HTMLParser):
    """Builds the tree, and refuses an end that fits no beginning."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open = [Element("", [])]
        self.feed(text)
        self.close()
        assert len(self.open) == 1, f"not closed: {[one.tag for one in self.open]}"
        self.root = self.open[0]

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs)), f"{tag} has an attribute twice"
        element = Element(tag, attrs)
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        assert tag in CLOSED, f"{tag} does not close itself in HTML"
        self.open[-1].children.append(Element(tag, attrs))

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag

    def handle_data(self, data):
        self.open[-1].children.append(data)


def read(report, base=""):
    return Reader(page(report, base)).root


@pytest.fixture
def broken(row, report):
    """A report with findings at several places, what follows from them, and a row of each other state."""
    rows = [row("udp/10000: reaches the bridge", cause="the bridge runs", machine="out"), row("prosody runs", ok=True)]
    rows += [row("the bridge runs"), row("wiki.test: first page", machine="out"), row("jicofo runs")]
    rows += [row("c", machine=""), row("the mapping", ok=True, found="not judged: log"), row("prosody runs", ok=True)]
    return report(*rows)


def test_head_names_language_encoding_policy_and_title(broken):
    root = read(broken)
    (document,) = root.all("html")
    metas = [meta.attributes for meta in root.all("meta")]
    assert document.attributes["lang"] == "en"
    assert metas[0] == {"charset": "utf-8"}
    assert [child.tag for child in document.children] == ["head", "body"]
    assert root.all("title")[0].text() == "jitsi.test: 4 findings in 8 checks" == root.all("h1")[0].text()


def test_policy_comes_before_the_styles_and_allows_nothing_but_them(broken):
    root = read(broken)
    head = root.all("head")[0].children
    kinds = [one.attributes.get("http-equiv", one.tag) for one in head]
    policy = kinds.index("Content-Security-Policy")
    assert policy < kinds.index("style")
    rules = dict(part.strip().split(" ", 1) for part in head[policy].attributes["content"].split(";"))
    assert rules.pop("default-src") == "'none'"
    assert (rules.pop("style-src"), rules.pop("img-src")) == ("'unsafe-inline'", "data:")
    assert set(rules.values()) <= {"'none'"}


@pytest.mark.parametrize("kind", ["broken", "hostile"])
def test_page_needs_nothing_from_elsewhere(kind, request):
    root = read(request.getfixturevalue(kind))
    assert not root.all("script", "link", "img", "iframe", "object", "embed", "form", "base")
    for element in root.all():
        assert not [name for name in element.attributes if name.startswith("on") or name in ("src", "style")]
        outside = [name for name, value in element.attributes.items() if value and "://" in value]
        assert outside == (["xmlns"] if element.tag == "svg" else [])
    rules = "".join(style.text() for style in root.all("style"))
    assert not re.search(r"url\(|@import|expression", rules)
    assert rules.count("{") == rules.count("}") > 0


@pytest.mark.parametrize("kind", ["broken", "hostile"])
def test_headings_ids_and_links_are_in_order(kind, request):
    root = read(request.getfixturevalue(kind))
    levels = [int(heading.tag[1]) for heading in root.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))
    ids = [one.attributes["id"] for one in root.all() if "id" in one.attributes]
    assert len(set(ids)) == len(ids)
    links = [one.attributes["href"] for one in root.all("a")]
    assert links and {link[1:] for link in links if link[0] == "#"} <= set(ids)
    assert {one.attributes["aria-labelledby"] for one in root.all("section")} <= set(ids)


def test_every_row_appears_once_in_the_table(broken):
    (table,) = read(broken).all("table")
    assert len(table.all("caption")) == 1
    heads = table.all("thead")[0].all("th")
    assert {head.attributes["scope"] for head in heads} == {"col"}
    found = [[cell.text() for cell in row.children] for row in table.all("tbody")[0].all("tr")]
    states = ["follows", "ok", "failing", "failing", "failing", "failing", "not judged", "ok"]
    assert found == [[state, row.name, row.machine, row.expected, row.found] for state, row in zip(states, broken.rows)]
    assert all(row.all("th")[0].attributes["scope"] == "row" for row in table.all("tbody")[0].all("tr"))
    assert all(len(row.children) == len(heads) for row in table.all("tr"))


def test_failed_rows_lead_to_the_finding_that_explains_them(broken):
    root = read(broken)
    found = {one.attributes["id"]: one.all("h4")[0].text() for one in root.all("article")}
    rows = [(row.all("th")[0].text(), row.all("a")) for row in root.all("tbody")[0].all("tr")]
    leads = {name: found[links[0].attributes["href"][1:]] for name, links in rows if links}
    assert leads == {
        "udp/10000: reaches the bridge": "the bridge runs",
        "the bridge runs": "the bridge runs",
        "wiki.test: first page": "wiki.test: first page",
        "jicofo runs": "jicofo runs",
        "c": "c",
    }


def test_findings_stand_together_by_their_places(broken):
    section = next(one for one in read(broken).all("section") if one.attributes["aria-labelledby"] == "findings")
    assert [one.text() for one in section.all("h3", "h4")] == [
        "Machine meet",
        "the bridge runs",
        "jicofo runs",
        "Site wiki.test",
        "wiki.test: first page",
        "Several machines",
        "c",
    ]
    first = section.all("article")[0]
    pairs = zip((one.text() for one in first.all("dt")), (one.text() for one in first.all("dd")))
    assert dict(pairs) == {
        "Machine": "meet",
        "Expected": "yes",
        "Found": "no",
        "Remedy": "Restart it",
        "Guide": "docs/guides/check.md",
    }
    assert [one.text() for one in first.all("li")] == ["udp/10000: reaches the bridge"]
    assert first.all("summary")[0].text() == "Because of this"


def test_pages_of_the_guide_are_links_below_a_base_only(broken):
    links = [one for one in read(broken, BASE).all("a") if one.attributes["href"].startswith("https:")]
    assert {link.attributes["href"] for link in links} == {f"{BASE}docs/guides/check.md"}
    assert len(links) == 4
    assert not [one for one in read(broken).all("a") if one.attributes["href"][0] != "#"]


def test_site_that_works_says_so_without_findings(row, report):
    root = read(report(row("a", ok=True)))
    section = next(one for one in root.all("section") if one.attributes["aria-labelledby"] == "findings")
    assert section.all("p")[0].text() == "No check failed."
    assert not root.all("article")
    assert "ok" in root.all("header")[0].attributes["class"].split()


def test_site_that_was_not_checked_does_not_look_as_if_it_worked(report):
    root = read(report(versions={}))
    assert "unjudged" in root.all("header")[0].attributes["class"].split()
    assert "No check was made." in root.text()
    assert not root.all("footer")


def test_page_has_the_drawing_the_time_and_the_versions(broken):
    root = read(broken)
    assert len(root.all("svg")) == 1
    assert root.all("time")[0].text() == broken.when
    assert [one.text() for one in root.all("footer")[0].all("dt", "dd")] == ["jitsi-meet", "2.0"]


def test_hostile_values_are_shown_as_plain_text(hostile):
    text = page(hostile, base="x")
    assert text.encode("utf-8")
    assert all(character.isprintable() or character == "\n" for character in text)
    root = Reader(text).root
    (first, second), shown = root.all("tbody")[0].all("th")[:2], [visible(row.name) for row in hostile.rows]
    assert [first.text(), second.text()] == shown[:2]
    assert "<script>alert(1)</script>" in first.text()
    assert "\\u202eevil" in first.text()
    assert root.all("dd")[1].text() == visible(hostile.rows[0].expected)


def luminance(colour):
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("night", [False, True])
@pytest.mark.parametrize("ground", ["back", "card"])
def test_texts_have_the_contrast_of_wcag_aa(night, ground, report):
    rules = read(report()).all("style")[0].text()
    palettes = [dict(re.findall(r"--([\w-]+): (#\w{6})", body)) for body in re.findall(r":root \{([^}]*)\}", rules)]
    colours = palettes[night]
    texts = set(re.findall(r"(?<![-\w])(?:color|--state): var\(--(\w+)\)", rules)) - {"state"}
    assert {"text", "quiet", "link", "failing"} <= texts
    assert [name for name in texts if contrast(colours[name], colours[ground]) < 4.5] == []
