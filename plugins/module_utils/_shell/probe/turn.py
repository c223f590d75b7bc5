# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask a STUN server who one is, and a TURN server to relay a packet."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import Any, Callable, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import stun
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.turn import StunSeen, TurnSeen
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import ProbeError, Target
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.connection import (
    FAILURES,
    explain,
    open_stream,
)

#: UDP loses packets, and a server does not mind to be asked again.
ASK_AGAIN = 0.5
WANTS_LOGIN, STALE_NONCE = 401, 438
PAYLOAD = b"selfhosted.jitsi probe"
TURN_FAILURES = (*FAILURES, stun.StunError)


class RefusedError(ProbeError):
    """The server says no."""


def see_stun(request: Mapping[str, Any], timeout: float) -> StunSeen:
    """Ask once and return what came back; never raises for a probe that fails.

    :param timeout: seconds for the whole probe.
    """
    source = ""
    try:
        with contextlib.closing(_Server(request, timeout)) as server:
            source = server.source
            answer = server.ask(stun.binding(os.urandom(12)))
    except TURN_FAILURES as error:
        return StunSeen(source, error=explain(error, timeout))
    found = answer.address(stun.SEEN_FROM)
    if found is None:
        return StunSeen(source, error="the answer contains no address")
    return StunSeen(source, found[0])


def see_turn(request: Mapping[str, Any], timeout: float) -> TurnSeen:
    """Have the server relay, and send a packet through it if that is asked for; never raises for a probe that fails.

    :param timeout: seconds for each half of the probe.
    """
    try:
        with contextlib.closing(_Server(request, timeout)) as server:
            login, answer = _allocate(server, request)
            relayed, own = answer.address(stun.RELAYED), answer.address(stun.SEEN_FROM)
            if relayed is None or own is None:
                return TurnSeen(error="the answer contains no relay address")
            try:
                return _through(server, login, request, relayed, own, timeout)
            finally:
                # A relay that is not given back stands for ten minutes.
                server.tell(stun.release(os.urandom(12)), login)
    except TURN_FAILURES as error:
        return TurnSeen(error=explain(error, timeout))


def _allocate(server: _Server, request: Mapping[str, Any]) -> tuple[stun.Login, stun.Message]:
    """The login that the server took, and its answer.

    :raises RefusedError: if it says no.
    """
    answer = server.ask(stun.allocate(os.urandom(12)))
    for _attempt in range(2):
        if not answer.refused or answer.error[0] not in (WANTS_LOGIN, STALE_NONCE):
            break
        realm, nonce = (answer.attributes.get(name, b"") for name in (stun.REALM, stun.NONCE))
        login = stun.Login(request["username"], request["password"], realm, nonce)
        answer = server.ask(stun.allocate(os.urandom(12)), login)
        if not answer.refused:
            return login, answer
        if answer.error[0] == WANTS_LOGIN:
            break
    raise RefusedError(_words(answer) if answer.refused else "the server relays for everyone, without a login")


def _through(
    server: _Server,
    login: stun.Login,
    request: Mapping[str, Any],
    relayed: stun.Address,
    own: stun.Address,
    timeout: float,
) -> TurnSeen:
    where = f"{relayed[0]}:{relayed[1]}"
    if not request.get("relay"):
        return TurnSeen(where)
    server.more_time(timeout)
    answer = server.ask(stun.permit(os.urandom(12), own), login)
    if answer.refused:
        return TurnSeen(where, relay_error=_words(answer))
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as peer:
        peer.sendto(PAYLOAD, relayed)
        try:
            server.wait_for(
                lambda message: message.kind == stun.DATA_ARRIVED and message.attributes.get(stun.DATA) == PAYLOAD,
                lambda: peer.sendto(PAYLOAD, relayed),
            )
        except socket.timeout:
            return TurnSeen(where, arrived=False)
    return TurnSeen(where, arrived=True)


def _words(answer: stun.Message) -> str:
    code, text = answer.error
    return f"{code} {text}".strip()


class _Server:
    """A connection to the server over one of its transports.

    :raises OSError: if there is none.
    """

    def __init__(self, request: Mapping[str, Any], timeout: float) -> None:
        self._deadline = time.monotonic() + timeout
        self._datagrams = request["transport"] == "udp"
        self._rest = b""
        address, port = request["address"], request["port"]
        if self._datagrams:
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.connect((address, port))
        else:
            tls = request["transport"] == "tls"
            target = Target(tls, request.get("domain") or address, port, "", "")
            self._socket = open_stream(target, address, port, request.get("ca"), timeout)
        self.source = self._socket.getsockname()[0]

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def more_time(self, timeout: float) -> None:
        """Count the seconds anew."""
        self._deadline = time.monotonic() + timeout

    def tell(self, message: stun.Message, login: stun.Login | None = None) -> None:
        """Send a message without waiting for its answer; whether it arrives does not matter."""
        with contextlib.suppress(OSError):
            self._socket.sendall(stun.encode(message, login))

    def ask(self, message: stun.Message, login: stun.Login | None = None) -> stun.Message:
        """Send a message until its answer comes.

        :raises OSError: if none comes in time.
        """
        packet = stun.encode(message, login)
        self._socket.sendall(packet)
        # What goes over TCP arrives, or the connection ends.
        again = (lambda: self._socket.sendall(packet)) if self._datagrams else (lambda: None)
        return self.wait_for(lambda answer: answer.answers(message), again)

    def wait_for(self, wanted: Callable[[stun.Message], bool], again: Callable[[], Any]) -> stun.Message:
        """Wait until a message comes that is wanted, and do something again while none does.

        :raises socket.timeout: if none comes in time.
        """
        while True:
            until = min(self._deadline, time.monotonic() + ASK_AGAIN)
            while time.monotonic() < until:
                with contextlib.suppress(socket.timeout):
                    message = stun.decode(self._packet(until))
                    if wanted(message):
                        return message
            if time.monotonic() >= self._deadline:
                raise socket.timeout
            again()

    def _packet(self, until: float) -> bytes:
        if self._datagrams:
            self._socket.settimeout(max(until - time.monotonic(), 0.01))
            return self._socket.recv(65535)
        self._fill(stun.HEADER, until)
        length = stun.HEADER + stun.length_of(self._rest)
        self._fill(length, until)
        packet, self._rest = self._rest[:length], self._rest[length:]
        return packet

    def _fill(self, length: int, until: float) -> None:
        while len(self._rest) < length:
            self._socket.settimeout(max(until - time.monotonic(), 0.01))
            piece = self._socket.recv(65535)
            if not piece:
                raise ConnectionResetError
            self._rest += piece
