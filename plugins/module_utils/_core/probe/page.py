# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A web page and the files that a browser loads with it, judged."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Mapping, Sequence
from urllib.parse import quote, urljoin, urlsplit

from .verdict import NO_ANSWER, HttpSeen, Verdict, excerpt, verdict_of

HTML = "text/html"
EXPECTED = "200 text/html, and all its files"
#: Types that browsers take for no script and for no style sheet.
_NO_CODE = (HTML, "image/", "audio/", "video/", "text/csv")
#: A condition of old browsers, and the end of the comment that it may stand in.
_CONDITION = re.compile(r"<!\[[^<>]*?((?:--)?>)")
NAMED = 3
#: More files than any release of Jitsi Meet names.
MOST_FILES = 200
BROKEN_INCLUDE = "[an error occurred while processing the directive]"
REINSTALL = "Reinstall the files on the Jitsi machine: apt-get install --reinstall jitsi-meet-web"
_FORBIDDEN = "nginx cannot read the file. On the Jitsi machine, run chmod a+r on it, and chmod a+rx on its folders"
_NO_SSI = (
    "nginx runs without 'ssi on'. Add it to the server block of the site's file on the Jitsi machine, and reload nginx"
)
_LOG = "Read /var/log/nginx/error.log on the Jitsi machine"
_UNREACHED = "The proxy does not reach nginx: see that it runs on the Jitsi machine, and run selfhosted.jitsi.site"
_OTHER_PAGE = "Another page answers. Check that the site's file is in /etc/nginx/sites-enabled on the Jitsi machine"


@dataclass(frozen=True)
class FileSeen:
    """One file of the page.

    :param length: bytes of its body, which may be compressed.
    :param error: why there is no answer.
    """

    url: str
    status: int | None = None
    content_type: str = ""
    length: int = 0
    error: str = ""


@dataclass(frozen=True)
class PageSeen:
    """The page and its files. The files end at the first one that was not answered."""

    page: HttpSeen
    files: tuple[FileSeen, ...] = ()


def files_of(text: str, url: str) -> list[str]:
    """The URLs of the scripts and style sheets that a page names on its own host, each once.

    :param url: where the page is from.
    """
    reader = _Reader()
    # Older Pythons end at some malformed declarations, and all at some numbers. What stands before them counts.
    with contextlib.suppress(AssertionError, NotImplementedError, ValueError):
        # Without close, which reads an unfinished tag at the end once for each of its characters. Browsers ignore it.
        # Behind a condition of old browsers, which ends at the first bracket, the reader would wait for another end.
        reader.feed(_CONDITION.sub(r"\1", text))
    base = _joined(url, reader.base) or url
    links = (_joined(base, link.strip()).partition("#")[0] for link in reader.links)
    here = urlsplit(url)
    own = (link for link in links if urlsplit(link)[:2] == (here.scheme, here.netloc))
    return [quote(link, safe="%/:?&=+~!$,;'@()*[]") for link in dict.fromkeys(own)][:MOST_FILES]


def _joined(base: str, link: str) -> str:
    """The URL of a link, empty if it has none."""
    try:
        joined = urljoin(base, link)
        urlsplit(joined)
    except ValueError:
        return ""
    return joined


def judge_page(request: Mapping[str, Any], seen: PageSeen) -> Verdict:
    """Say whether a browser gets the page and all its files."""
    found, remedy = _page_problem(seen.page) or _file_problem(seen.files) or ("", "")
    count = "1 file" if len(seen.files) == 1 else f"{len(seen.files)} files"
    return verdict_of(request, not found, EXPECTED, found or f"200, {count}", remedy)


def _page_problem(page: HttpSeen) -> tuple[str, str] | None:
    """What is wrong with the page itself and what to do, or None."""
    if page.status is None:
        return page.error, NO_ANSWER
    if page.status != 200:
        return f"{page.status} {page.location}".rstrip() + excerpt(page.body), _remedy_of_status(page.status)
    if not page.content_type.startswith(HTML):
        return f"200, but the type is {page.content_type or 'not set'}", _OTHER_PAGE
    include = re.search("<!--#include[^>]*>?", page.body)
    if include:
        return f"200, unprocessed {include.group()}", _NO_SSI
    if BROKEN_INCLUDE in page.body:
        return f"200, {BROKEN_INCLUDE}", _LOG
    return None


def _remedy_of_status(status: int) -> str:
    if status == 403:
        return _FORBIDDEN
    if status in (502, 503, 504):
        return _UNREACHED
    return _LOG if status >= 500 else _OTHER_PAGE


def _file_problem(files: Sequence[FileSeen]) -> tuple[str, str] | None:
    if not files:
        return "200, but the page names no script and no style sheet", _OTHER_PAGE
    wrong = [(seen, _words(seen)) for seen in files if _words(seen)]
    if not wrong:
        return None
    named = [f"{urlsplit(seen.url).path.lstrip('/')}: {words}" for seen, words in wrong[:NAMED]]
    more = [f"and {len(wrong) - NAMED} more"] if len(wrong) > NAMED else []
    return ", ".join(named + more), _remedy(wrong[0][0])


def _words(seen: FileSeen) -> str:
    """What is wrong with a file, empty if nothing is."""
    if seen.status is None:
        return seen.error
    if seen.status != 200:
        return str(seen.status)
    if not seen.length:
        return "empty"
    refused = next((kind for kind in _NO_CODE if seen.content_type.startswith(kind)), "")
    return f"a page of {refused}" if refused == HTML else f"of the type {seen.content_type}" if refused else ""


def _remedy(seen: FileSeen) -> str:
    if seen.status == 403:
        return _FORBIDDEN
    return _LOG if seen.status is None or seen.status >= 500 else REINSTALL


class _Reader(HTMLParser):
    """Collects what a page links to, and its base."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        said = {name: value or "" for name, value in reversed(attrs)}
        if tag == "base" and not self.base:
            self.base = said.get("href", "")
        elif tag == "script" and said.get("src"):
            self.links.append(said["src"])
        elif tag == "link" and "stylesheet" in said.get("rel", "").lower().split() and said.get("href"):
            self.links.append(said["href"])
