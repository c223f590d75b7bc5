# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""XML elements of an XMPP client: those that it sends, and what those of a server say."""

from __future__ import annotations

import re
from typing import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from .verdict import ProbeError, shorten

CLIENT, STREAMS = "jabber:client", "http://etherx.jabber.org/streams"
SASL, BIND = "urn:ietf:params:xml:ns:xmpp-sasl", "urn:ietf:params:xml:ns:xmpp-bind"
DISCO, MUC = "http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/muc"
MUC_USER, FOCUS = f"{MUC}#user", "http://jitsi.org/protocol/focus"
_OWN_PRESENCE = "110"
_NAME_OF_FOCUS = "focus"


class RefusedError(ProbeError):
    """A server's refusal of a request.

    :param condition: its defined condition, such as item-not-found.
    :param words: the condition, and the server's own words if there are some.
    """

    def __init__(self, condition: str, words: str) -> None:
        super().__init__(words)
        self.condition = condition


def parse(text: str) -> Element:
    """The element in a text, in which the prefixes of a stream are known.

    :raises ProbeError: if there is not one element.
    """
    # Inside of an element no document type can stand, so the text cannot define entities.
    content = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    wrapped = f"<wrap xmlns='{CLIENT}' xmlns:stream='{STREAMS}'>{content}</wrap>"
    try:
        children = list(ElementTree.fromstring(wrapped))
    except ElementTree.ParseError as error:
        raise ProbeError(f"the server sent no readable XML: {shorten(text)}") from error
    if len(children) != 1:
        raise ProbeError(f"the server sent no single element of XML: {shorten(text)}")
    return children[0]


def name_of(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def refusal(element: Element) -> RefusedError:
    """What an element with an error says: of a stanza, of a stream, or of a login."""
    error = element if name_of(element) != "iq" and name_of(element) != "presence" else _child(element, "error")
    names = [name_of(child) for child in (error if error is not None else ())]
    condition = next((name for name in names if name != "text"), "no reason")
    text = next((child.text or "" for child in (error if error is not None else ()) if name_of(child) == "text"), "")
    return RefusedError(condition, shorten(f"{condition}: {text}" if text.strip() else condition))


def mechanisms(features: Element) -> list[str]:
    """The ways to log in that a server offers."""
    return [(one.text or "").strip() for one in features.iter(f"{{{SASL}}}mechanism")]


def auth(mechanism: str, payload: str) -> str:
    """The beginning of a login."""
    return f'<auth xmlns="{SASL}" mechanism={quoteattr(mechanism)}>{payload}</auth>'


def response(payload: str) -> str:
    """The answer to a challenge."""
    return f'<response xmlns="{SASL}">{payload}</response>'


def iq(number: int, kind: str, to: str, payload: str) -> str:
    """A question or a wish; ``to`` is empty for the own server."""
    address = f" to={quoteattr(to)}" if to else ""
    return f'<iq xmlns="{CLIENT}" id="q{number}" type="{kind}"{address}>{payload}</iq>'


def is_answer(element: Element, number: int) -> bool:
    """Whether this is the answer to the iq with a number."""
    is_final = element.get("type") in ("result", "error")
    return name_of(element) == "iq" and is_final and element.get("id") == f"q{number}"


def is_question(element: Element) -> bool:
    """Whether this is an iq that somebody wants answered."""
    return name_of(element) == "iq" and element.get("type") in ("get", "set")


def answer(element: Element, payload: str) -> str:
    """The answer to somebody's iq."""
    return _answer(element, "result", payload)


def refuse(element: Element) -> str:
    """The answer to an iq that one does not understand."""
    condition = '<service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>'
    return _answer(element, "error", f'<error type="cancel">{condition}</error>')


def bind() -> str:
    """The wish for a resource, whose name the server chooses."""
    return f'<bind xmlns="{BIND}"/>'


def bound(answer: Element) -> str:
    """The address that a server has bound."""
    return (answer.findtext(f"{{{BIND}}}bind/{{{BIND}}}jid") or "").strip()


def info() -> str:
    """The question what an address is."""
    return f'<query xmlns="{DISCO}"/>'


def is_muc(answer: Element) -> bool:
    """Whether the answer is that of a service for rooms."""
    return any(feature.get("var") == MUC for feature in answer.iter(f"{{{DISCO}}}feature"))


def conference(room: str, machine: str) -> str:
    """The wish that jicofo opens a room, as lib-jitsi-meet words it."""
    words = f"room={quoteattr(room)} machine-uid={quoteattr(machine)}"
    return f'<conference xmlns="{FOCUS}" {words}><property name="rtcstatsEnabled" value="false"/></conference>'


def is_ready(answer: Element) -> bool:
    """Whether jicofo has opened the room."""
    return any(one.get("ready") == "true" for one in answer.iter(f"{{{FOCUS}}}conference"))


def focus_of(answer: Element) -> str:
    """The address of jicofo's account, as it says itself."""
    return next((one.get("focusjid") or "" for one in answer.iter(f"{{{FOCUS}}}conference")), "")


def join(place: str, further: str) -> str:
    """The presence that enters a room; a place is the room and a nickname.

    :param further: what it says, too.
    """
    return f'<presence xmlns="{CLIENT}" to={quoteattr(place)}><x xmlns="{MUC}"/>{further}</presence>'


def leave(place: str) -> str:
    """The presence that leaves a room."""
    return f'<presence xmlns="{CLIENT}" to={quoteattr(place)} type="unavailable"/>'


def is_own_presence(element: Element, place: str) -> bool:
    """Whether a room says that one is inside."""
    if element.get("type") == "unavailable":
        return False
    codes = (status.get("code") for status in element.iter(f"{{{MUC_USER}}}status"))
    return element.get("from") == place or _OWN_PRESENCE in codes


def is_focus(element: Element, focus: str) -> bool:
    """Whether this is the presence of jicofo in a room.

    :param focus: the address of its account, empty if it is unknown.
    """
    if element.get("type") == "unavailable":
        return False
    is_named = (element.get("from") or "").partition("/")[2] == _NAME_OF_FOCUS
    return is_named or (bool(focus) and focus in _accounts(element))


def _answer(element: Element, kind: str, payload: str) -> str:
    number, asker = (element.get(name) or "" for name in ("id", "from"))
    address = f" to={quoteattr(asker)}" if asker else ""
    return f'<iq xmlns="{CLIENT}" id={quoteattr(number)} type="{kind}"{address}>{payload}</iq>'


def _accounts(element: Element) -> Iterator[str]:
    for item in element.iter(f"{{{MUC_USER}}}item"):
        yield (item.get("jid") or "").partition("/")[0]


def _child(element: Element, name: str) -> Element | None:
    return next((child for child in element if name_of(child) == name), None)
