# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load a web page and its files, as a browser does."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.page import FileSeen, PageSeen, files_of
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import HttpSeen, parse_url
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.connection import FAILURES, explain
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.session import Session

MAXIMUM_PAGE = 1 << 22
MAXIMUM_FILE = 1 << 26


def see_page(request: Mapping[str, Any], timeout: float) -> PageSeen:
    """Load the page and its files over one connection; never raises for a probe that fails.

    :param timeout: seconds for all together.
    """
    with contextlib.closing(Session(parse_url(request["url"], "page"), request, timeout)) as session:
        page = load(session, request["url"], timeout)
        if page.status != 200:
            return PageSeen(page)
        return PageSeen(page, tuple(_load_files(session, files_of(page.body, request["url"]), timeout)))


def load(session: Session, url: str, timeout: float) -> HttpSeen:
    """Load one text; an error is a part of what was seen."""
    try:
        answer = session.ask("GET", parse_url(url, "page").path, {}, MAXIMUM_PAGE)
    except FAILURES as error:
        return HttpSeen(error=explain(error, timeout))
    location, content_type = (answer.headers.get(name) or "" for name in ("Location", "Content-Type"))
    return HttpSeen(answer.status, location, answer.body.decode("utf-8-sig", "replace"), "", content_type)


def _load_files(session: Session, urls: list[str], timeout: float) -> Iterator[FileSeen]:
    for url in urls:
        try:
            # Browsers ask for compressed files, too, and the big ones take a while otherwise.
            answer = session.ask("GET", parse_url(url, "page").path, {"Accept-Encoding": "gzip"}, MAXIMUM_FILE)
        except FAILURES as error:
            yield FileSeen(url, error=explain(error, timeout))
            return
        yield FileSeen(url, answer.status, answer.headers.get("Content-Type") or "", len(answer.body))
