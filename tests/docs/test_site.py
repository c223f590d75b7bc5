# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site is built without a warning, leads to each of its pages, and needs nothing from elsewhere."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDES = sorted(path.stem for path in (CHECKOUT / "docs" / "guides").glob("*.md"))
MODULES = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py"))
ROLES = sorted(path.name for path in (CHECKOUT / "roles").iterdir())
#: The attribute with which an element has something loaded.
LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """The links of a page, what it has loaded, its anchors, and its table of contents."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.anchors, self.contents = [], [], set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.anchors.update(given[name] for name in ("id", "name") if given.get(name))
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
            if "reference internal" in (given.get("class") or ""):
                self.contents.append(given["href"])
        if tag in LOADED and given.get(LOADED[tag]):
            self.loaded.append(given[LOADED[tag]])


@pytest.fixture(scope="module")
def pages(html):
    """Each page by its path in the site."""
    return {path.relative_to(html).as_posix(): Page(path) for path in sorted(html.rglob("*.html"))}


def broken(folder, start, link, pages):
    """Whether a link inside the site leads nowhere."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return False
    target = (folder / start).parent / unquote(parts.path) if parts.path else folder / start
    if target.is_dir():
        target /= "index.html"
    name = target.resolve().relative_to(folder.resolve()).as_posix()
    if name in pages and parts.fragment:
        return unquote(parts.fragment) not in pages[name].anchors
    return not target.is_file()


def test_site_is_built_without_a_warning(build):
    assert (build.returncode, build.stderr) == (0, "")


def test_no_link_inside_the_site_is_broken(html, pages):
    found = [(name, link) for name, page in pages.items() for link in page.links if broken(html, name, link, pages)]
    assert found == []


def test_broken_link_is_found(tmp_path):
    for name, text in {"a.html": '<h1 id="top"></h1>', "b.html": '<a href="a.html#top"></a>'}.items():
        (tmp_path / name).write_text(text)
    pages = {name: Page(tmp_path / name) for name in ("a.html", "b.html")}
    links = ("a.html", "a.html#top", "b.html#top", "c.html", "#top", "https://example.org/")
    assert [link for link in links if broken(tmp_path, "b.html", link, pages)] == ["b.html#top", "c.html", "#top"]


def test_everything_that_pages_load_is_in_the_site(html, pages):
    for name, page in pages.items():
        assert [link for link in page.loaded if urlsplit(link).netloc or broken(html, name, link, pages)] == [], name


@pytest.mark.parametrize("guide", GUIDES)
def test_each_guide_is_in_the_table_of_contents(pages, guide):
    """The page of the search has no other links than the table's."""
    assert f"guides/{guide}.html" in pages["search.html"].contents


@pytest.mark.parametrize(
    "page", [*(f"{name}_module" for name in MODULES), *(f"{name}_role" for name in ROLES)], ids=str
)
def test_each_module_and_role_has_a_page(pages, page):
    assert f"{page}.html" in {link.partition("#")[0] for link in pages["reference/index.html"].links}
