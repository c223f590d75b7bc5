# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load a web page and its files, as a browser does."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.page import FileSeen, PageSeen, files_of
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import parse_url
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.connection import FAILURES, explain
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.session import Session, load

MAXIMUM_FILE = 1 << 26


def see_page(request: Mapping[str, Any], timeout: float) -> PageSeen:
    """Load the page and its files over one connection; never raises for a probe that fails.

    :param timeout: seconds for all together.
    """
    target = parse_url(request["url"], "page")
    with contextlib.closing(Session(target, request, timeout)) as session:
        page = load(session, target.path, timeout)
        if page.status != 200:
            return PageSeen(page)
        return PageSeen(page, tuple(_load_files(session, files_of(page.body, request["url"]), timeout)))


def _load_files(session: Session, urls: list[str], timeout: float) -> Iterator[FileSeen]:
    for url in urls:
        try:
            # Browsers ask for compressed files, too, and the big ones take a while otherwise.
            answer = session.ask("GET", parse_url(url, "page").path, {"Accept-Encoding": "gzip"}, MAXIMUM_FILE)
        except FAILURES as error:
            yield FileSeen(url, error=explain(error, timeout))
            return
        yield FileSeen(url, answer.status, answer.headers.get("Content-Type") or "", len(answer.body))
