# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""An XMPP stream over BOSH, with one request at a time."""

from __future__ import annotations

import contextlib
import secrets
from typing import Any, Mapping
from xml.etree.ElementTree import Element

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import bosh
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import (
    ProbeError,
    excerpt,
    parse_url,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.connection import FAILURES
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.session import Session

MAXIMUM_BODY = 1 << 20
#: Seconds for which the server may keep a request that it has no answer to.
WAIT = 3
#: Seconds for the end of a session, which may follow a step that took too long.
FAREWELL = 2.0
HEADERS = {"Content-Type": "text/xml; charset=utf-8"}


class BoshStream:
    """Sends the elements that wait with the next request, and keeps those that came with one answer.

    :raises OSError: if there is no connection or no trust.
    :raises ProbeError: if ca is unusable.
    """

    def __init__(self, request: Mapping[str, Any], timeout: float) -> None:
        target = parse_url(request["url"], request["kind"])
        self._path = target.path
        self._session = Session(target, request, timeout)
        self._session.connect()
        self._rid = secrets.randbelow(1 << 31) + 1
        self._sid = ""
        self._unsent: list[str] = []
        self._received: list[Element] = []

    def more_time(self, timeout: float) -> None:
        """Count the seconds until the deadline anew."""
        self._session.more_time(timeout)

    def open(self, domain: str) -> str:
        """Open a stream, or another one after a login; return the domain that the server names, if it does.

        :raises OSError: if no answer comes in time.
        :raises ProbeError: if the server has no such stream.
        """
        if self._sid:
            self._post(bosh.restart_body(self._rid, self._sid, domain))
            return ""
        body = self._post(bosh.first_body(self._rid, domain, WAIT))
        self._sid = body.get("sid") or ""
        return body.get("from") or ""

    def send(self, text: str) -> None:
        """Send an element with the next request."""
        self._unsent.append(text)

    def receive(self) -> Element:
        """Wait for an element.

        :raises OSError: if none comes in time.
        :raises ProbeError: if the server ends the session.
        """
        while not self._received:
            self._post(bosh.next_body(self._rid, self._sid, self._said()))
        return self._received.pop(0)

    def close(self) -> None:
        """Say what is still to be said, end the session and hang up."""
        with contextlib.closing(self._session), contextlib.suppress(*FAILURES):
            if self._sid:
                self._session.more_time(FAREWELL)
                self._post(bosh.last_body(self._rid, self._sid, self._said()))

    def _said(self) -> str:
        text = "".join(self._unsent)
        self._unsent.clear()
        return text

    def _post(self, body: str) -> Element:
        self._rid += 1
        answer = self._session.ask("POST", self._path, HEADERS, MAXIMUM_BODY, body.encode("utf-8"))
        text = answer.body.decode("utf-8", "replace")
        if answer.status != 200:
            raise ProbeError(f"{answer.status}{excerpt(text)}")
        received = bosh.read(text)
        self._received += list(received)
        return received
