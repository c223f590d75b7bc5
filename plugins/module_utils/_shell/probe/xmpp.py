# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log in to a site as its web client does, meet jicofo in a room, and get a bridge from it."""

from __future__ import annotations

import contextlib
import re
import secrets
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Union
from xml.etree.ElementTree import Element

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import jingle, sasl, stanzas, xmpp
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import ProbeError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.websocket import open_element
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.bosh import BoshStream
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.connection import FAILURES, explain
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.ice import answers_at
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.websocket import WebSocket, open_websocket

#: What servers say of a host that they do not have. They take it for one of another server.
NO_SUCH_HOST = (
    "remote-server-not-found",
    "remote-server-timeout",
    "item-not-found",
    "service-unavailable",
    "not-allowed",
)
ASK_AGAIN = 0.5
NICKNAME = 8


class StepError(ProbeError):
    """The end of a probe, with what it saw."""

    def __init__(self, seen: xmpp.XmppSeen) -> None:
        super().__init__(seen.reason)
        self.seen = seen


def see_xmpp(request: Mapping[str, Any], timeout: float) -> xmpp.XmppSeen:
    """Return how far the client came; never raises for a probe that fails.

    :param timeout: seconds for each step.
    """
    try:
        with _logged_in(request, timeout) as client:
            if request.get("conference") or request.get("bridge"):
                return _meet(client, request, timeout)
            if request.get("rooms"):
                client.find_rooms()
    except StepError as error:
        return error.seen
    return xmpp.XmppSeen()


def _meet(client: _Client, request: Mapping[str, Any], timeout: float) -> xmpp.XmppSeen:
    client.find_rooms()
    room = client.open_room()
    with client.inside(room):
        if not request.get("bridge"):
            return xmpp.XmppSeen()
        # One participant alone gets no bridge.
        with _logged_in(request, timeout) as other, other.inside(room), ThreadPoolExecutor(2) as pool:
            # Side by side, because jicofo asks both what they can do before it invites either.
            offer, _of_other = pool.map(lambda each: each.offered(room), (client, other))
            # The bridge answers as long as the participants are in the room.
            answering = (
                answers_at(offer, xmpp.expected_of(request, offer.candidates), timeout) if request.get("media") else ()
            )
            return xmpp.XmppSeen(candidates=offer.candidates, answering=answering)


class WebSocketStream:
    """An XMPP stream over a WebSocket (RFC 7395)."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self.more_time, self.send, self.close = websocket.more_time, websocket.send, websocket.close

    def open(self, domain: str) -> str:
        """Open a stream, or another one after a login; return the domain that the server names.

        :raises OSError: if no answer comes in time.
        :raises ProbeError: if the server has no such stream.
        """
        self.send(open_element(domain))
        answer = self.receive()
        if stanzas.name_of(answer) != "open":
            raise ProbeError(f"the server sent no open, but {stanzas.name_of(answer)}")
        return answer.get("from") or ""

    def receive(self) -> Element:
        """Wait for an element.

        :raises OSError: if none comes in time.
        :raises ProbeError: if the server ends the stream.
        """
        element = stanzas.parse(self._websocket.receive())
        if stanzas.name_of(element) == "close":
            raise ProbeError("the server closed the stream")
        return element


Stream = Union[BoshStream, WebSocketStream]


def _connected(request: Mapping[str, Any], timeout: float) -> Stream:
    with _failing_as(xmpp.CONNECTION, timeout):
        if not request["url"].startswith("ws"):
            return BoshStream(request, timeout)
        return WebSocketStream(open_websocket(request, timeout))


@contextlib.contextmanager
def _failing_as(step: str, timeout: float) -> Iterator[None]:
    try:
        yield
    except StepError:
        raise
    except FAILURES as error:
        raise StepError(xmpp.XmppSeen(step, explain(error, timeout))) from error


@contextlib.contextmanager
def _logged_in(request: Mapping[str, Any], timeout: float) -> Iterator[_Client]:
    with contextlib.closing(_connected(request, timeout)) as stream:
        client = _Client(request, stream, timeout)
        client.log_in()
        yield client


@dataclass(frozen=True)
class _Room:
    """A room that jicofo has opened.

    :param focus: the address of jicofo's account, as it says itself.
    """

    address: str
    focus: str


class _Client:
    """A client on a stream. Each step that fails raises StepError."""

    def __init__(self, request: Mapping[str, Any], stream: Stream, timeout: float) -> None:
        self._request = request
        self._stream = stream
        self._timeout = timeout
        self._host = xmpp.login_domain(request)
        self._asked = 0
        self._address = ""
        self._offers: list[Element] = []

    def log_in(self) -> None:
        """Open a stream, log in, and bind a resource."""
        with self._step(xmpp.STREAM):
            features = self._features()
        with self._step(xmpp.LOGIN):
            self._authenticate(stanzas.mechanisms(features))
        with self._step(xmpp.SESSION):
            self._features()
            self._address = stanzas.bound(self._ask("set", "", stanzas.bind()))

    def find_rooms(self) -> None:
        """See that the site has rooms."""
        with self._step(xmpp.ROOM):
            self._require_rooms(xmpp.conference_domain(self._request))

    def open_room(self) -> _Room:
        """Have jicofo open a new room."""
        address = f"check-{secrets.token_hex(8)}@{xmpp.conference_domain(self._request)}"
        with self._step(xmpp.JICOFO):
            return _Room(address, self._await_room(address))

    @contextlib.contextmanager
    def inside(self, room: _Room) -> Iterator[None]:
        """Enter a room, see jicofo there, and leave in the end."""
        place = f"{room.address}/{self._nickname()}"
        try:
            with self._step(xmpp.ROOM):
                self._stream.send(stanzas.join(place, jingle.capabilities()))
                is_there = self._enter(place, room.focus)
            with self._step(xmpp.JICOFO):
                if not is_there:
                    self._await_focus(room)
            yield
        finally:
            with contextlib.suppress(OSError):
                self._stream.send(stanzas.leave(place))

    def offered(self, room: _Room) -> jingle.Offer:
        """Wait for jicofo's offer of a bridge."""
        words = f"jicofo offers none within {self._timeout:g} s"
        with self._step(xmpp.BRIDGE):
            try:
                # Jicofo that has no bridge makes its offer once one has come.
                while not self._offers:
                    element = self._received()
                    if stanzas.is_focus(element, room.focus) and jingle.lacks_bridge(element):
                        words = f"jicofo had none within {self._timeout:g} s"
            except socket.timeout:
                raise ProbeError(words) from None
            return jingle.read_offer(self._offers[0])

    @contextlib.contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self._stream.more_time(self._timeout)
        with _failing_as(name, self._timeout):
            yield

    def _features(self) -> Element:
        origin = self._stream.open(self._host)
        if origin not in ("", self._host):
            raise ProbeError(f"the server opened a stream of {origin}")
        return self._next("features")

    def _next(self, *names: str) -> Element:
        """The next element with one of these names."""
        while True:
            element = self._received()
            if stanzas.name_of(element) in names:
                return element

    def _received(self) -> Element:
        element = self._stream.receive()
        if element.tag == f"{{{stanzas.STREAMS}}}error":
            raise stanzas.refusal(element)
        if stanzas.is_question(element):
            self._stream.send(jingle.reply(element))
            self._offers += [element] if jingle.is_offer(element) else []
        return element

    def _authenticate(self, offered: list[str]) -> None:
        username, password = (self._request.get(option) or "" for option in ("username", "password"))
        wanted = (sasl.PLAIN, sasl.SCRAM) if username else (sasl.ANONYMOUS,)
        mechanism = next((one for one in wanted if one in offered), "")
        if not mechanism:
            words = f"the server offers {', '.join(offered) or 'no login'}, not {' or '.join(wanted)}"
            raise StepError(xmpp.XmppSeen(xmpp.LOGIN, words, is_offered=False))
        if mechanism == sasl.SCRAM:
            self._prove(sasl.Scram(username, password, secrets.token_hex(16)))
            return
        payload = sasl.plain(username, password) if mechanism == sasl.PLAIN else ""
        self._admitted(stanzas.auth(mechanism, payload), "success")

    def _prove(self, login: sasl.Scram) -> None:
        challenge = self._admitted(stanzas.auth(sasl.SCRAM, login.first()), "challenge")
        success = self._admitted(stanzas.response(login.answer(challenge.text or "")), "success")
        if not login.is_proven(success.text or ""):
            raise ProbeError("the server does not prove that it knows the password")

    def _admitted(self, text: str, wanted: str) -> Element:
        self._stream.send(text)
        answer = self._next(wanted, "failure")
        if stanzas.name_of(answer) == "failure":
            raise stanzas.refusal(answer)
        return answer

    def _ask(self, kind: str, to: str, payload: str) -> Element:
        """Ask a question and return its answer.

        :raises RefusedError: if it is an error.
        """
        self._asked += 1
        self._stream.send(stanzas.iq(self._asked, kind, to, payload))
        while True:
            element = self._received()
            if stanzas.is_answer(element, self._asked):
                if element.get("type") == "error":
                    raise stanzas.refusal(element)
                return element

    def _require_rooms(self, service: str) -> None:
        try:
            answer = self._ask("get", service, stanzas.info())
        except stanzas.RefusedError as error:
            words = f"does not exist ({error})" if error.condition in NO_SUCH_HOST else f"answers {error}"
            raise ProbeError(f"{service} {words}") from error
        if not stanzas.is_muc(answer):
            raise ProbeError(f"{service} has no rooms")

    def _await_room(self, room: str) -> str:
        """Ask jicofo for a room until it is there; return the address of jicofo's account."""
        deadline = time.monotonic() + self._timeout
        focus = xmpp.focus_domain(self._request)
        while True:
            answer = self._ask("set", focus, stanzas.conference(room, secrets.token_hex(16)))
            if stanzas.is_ready(answer):
                return stanzas.focus_of(answer)
            if time.monotonic() + ASK_AGAIN > deadline:
                raise ProbeError(f"not ready within {self._timeout:g} s")
            time.sleep(ASK_AGAIN)

    def _nickname(self) -> str:
        """As the web client has it: guests take the beginning of their address, which some rooms insist on."""
        name = re.sub("[^0-9A-Za-z]", "", self._address.partition("@")[0])[:NICKNAME].lower()
        is_guest = not self._request.get("username")
        return name if is_guest and len(name) == NICKNAME else secrets.token_hex(NICKNAME // 2)

    def _enter(self, place: str, focus: str) -> bool:
        """Wait until the room has let the client in; return whether jicofo is among those who are there."""
        room = place.partition("/")[0]
        is_there = False
        while True:
            presence = self._presence(room)
            if presence.get("type") == "error":
                raise stanzas.refusal(presence)
            is_there = is_there or stanzas.is_focus(presence, focus)
            if stanzas.is_own_presence(presence, place):
                return is_there

    def _await_focus(self, room: _Room) -> None:
        try:
            while not stanzas.is_focus(self._presence(room.address), room.focus):
                pass
        except socket.timeout:
            raise ProbeError("not in the room") from None

    def _presence(self, room: str) -> Element:
        while True:
            element = self._next("presence")
            if (element.get("from") or "").partition("/")[0] == room:
                return element
