# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a STUN or TURN server answered, judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

from .addresses import inside
from .verdict import Verdict

#: No peer of the probe's own address: the server relays to nothing that is private.
FORBIDDEN = 403


@dataclass(frozen=True)
class StunSeen:
    """The address from which the server saw the question; ``error`` says in words why there is no answer."""

    source: str = ""
    seen_from: str = ""
    error: str = ""


@dataclass(frozen=True)
class TurnSeen:
    """An address that relays, and whether a packet came through it.

    :param relayed: address and port as text.
    :param error: why there is no relay.
    :param arrived: whether the packet came; None if none was sent.
    :param relay_error: why no packet could be sent through it.
    """

    relayed: str = ""
    error: str = ""
    arrived: bool | None = None
    relay_error: str = ""


def judge_stun(request: Mapping[str, Any], seen: StunSeen) -> Verdict:
    """Say whether the server answered, and saw the sender's own address."""
    hidden = inside(seen.source)
    expected = "an answer" if hidden or not seen.source else f"an answer with the address {seen.source}"
    if seen.error:
        return _verdict(request, False, expected, seen.error)
    own = seen.seen_from == seen.source or (hidden and not inside(seen.seen_from))
    return _verdict(request, own, expected, f"an answer with the address {seen.seen_from}")


def judge_turn(request: Mapping[str, Any], seen: TurnSeen) -> Verdict:
    """Say whether the server relays at the public address, or whether a packet came through the relay."""
    if request.get("relay"):
        return _judge_relay(request, seen)
    wanted = request.get("expect_address") or ""
    expected = f"a relay at {wanted}" if wanted else "a relay"
    if seen.error:
        return _verdict(request, False, expected, seen.error)
    ok = not wanted or seen.relayed.rpartition(":")[0] == wanted
    return _verdict(request, ok, expected, f"a relay at {seen.relayed}")


def _judge_relay(request: Mapping[str, Any], seen: TurnSeen) -> Verdict:
    expected = "a packet through the relay"
    if seen.error:
        # That there is no relay is the row of another probe.
        return _verdict(request, True, expected, f"not judged: {seen.error}")
    if seen.arrived is None:
        forbidden = seen.relay_error.startswith(str(FORBIDDEN))
        words = f"not judged: {seen.relay_error}, because this machine has a private address" if forbidden else ""
        return _verdict(request, forbidden, expected, words or seen.relay_error)
    words = f"a packet through {seen.relayed}" if seen.arrived else f"no packet through {seen.relayed}"
    return _verdict(request, seen.arrived, expected, words)


def _verdict(request: Mapping[str, Any], ok: bool, expected: str, found: str) -> Verdict:
    return Verdict(request["name"], ok, expected, found, request.get("remedy") or "")
