# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bodies of BOSH, which carry XMPP over HTTP (XEP-0124, XEP-0206)."""

from __future__ import annotations

from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from .stanzas import name_of, parse, refusal
from .verdict import ProbeError

NAMESPACE, XBOSH = "http://jabber.org/protocol/httpbind", "urn:xmpp:xbosh"


def first_body(rid: int, domain: str, wait: int) -> str:
    """The request for a session.

    :param wait: seconds after which the server answers even if it has nothing to say.
    """
    words = f'to={quoteattr(domain)} xml:lang="en" wait="{wait}" hold="1" ver="1.6" xmpp:version="1.0"'
    return _body(rid, words, "")


def next_body(rid: int, sid: str, text: str) -> str:
    """A request that brings elements, or none, and takes what the server has to say."""
    return _body(rid, f"sid={quoteattr(sid)}", text)


def restart_body(rid: int, sid: str, domain: str) -> str:
    """The request for a new stream after a login."""
    return _body(rid, f'sid={quoteattr(sid)} to={quoteattr(domain)} xml:lang="en" xmpp:restart="true"', "")


def last_body(rid: int, sid: str, text: str) -> str:
    """The end of the session, with what is still to be said."""
    return _body(rid, f'sid={quoteattr(sid)} type="terminate"', text)


def read(text: str) -> Element:
    """The body in an answer.

    :raises ProbeError: if it is none, or ends the session.
    """
    body = parse(text)
    if name_of(body) != "body":
        raise ProbeError(f"the server sent no body of BOSH, but {name_of(body)}")
    if body.get("type") == "terminate":
        errors = [refusal(child) for child in body if name_of(child) == "error"]
        raise ProbeError(str(errors[0]) if errors else body.get("condition") or "the server ended the session")
    return body


def _body(rid: int, words: str, text: str) -> str:
    return f'<body xmlns="{NAMESPACE}" xmlns:xmpp="{XBOSH}" rid="{rid}" {words}>{text}</body>'
