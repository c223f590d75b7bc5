# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask a bridge whether it takes media at the addresses that jicofo offers."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import socket
import time
from typing import Sequence

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import stun
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.jingle import Candidate, Offer

#: Seconds after which a question is sent again, because the network may lose any one.
AGAIN = 0.5
MAXIMUM_LENGTH = 2048
#: Each is asked over a socket of its own.
MOST_ASKED = 32


def answers_at(offer: Offer, candidates: Sequence[Candidate], timeout: float) -> tuple[Candidate, ...]:
    """Return the address at which the bridge answers first, or none.

    :param candidates: those of the offer that are asked; the probe knows UDP over IPv4 alone.
    """
    request = stun.connectivity_check(os.urandom(12))
    packet = stun.encode(request, stun.PeerLogin(offer.name, offer.password, secrets.token_hex(4)))
    deadline = time.monotonic() + timeout
    with contextlib.ExitStack() as stack:
        waiting = {}
        for one in [one for one in candidates if one.is_datagram][:MOST_ASKED]:
            waiting[stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))] = one
        answering: list[Candidate] = []
        while not answering and waiting and time.monotonic() < deadline:
            for stream, one in waiting.items():
                with contextlib.suppress(OSError):
                    stream.sendto(packet, (one.address, one.port))
            readable = select.select(list(waiting), [], [], AGAIN)[0]
            answering = [waiting[stream] for stream in readable if _is_answer(stream, request)]
        return tuple(answering)


def _is_answer(stream: socket.socket, request: stun.Message) -> bool:
    """Whether the bridge has answered. A refusal proves the way, too."""
    try:
        return stun.decode(stream.recv(MAXIMUM_LENGTH)).answers(request)
    except (OSError, stun.StunError):
        return False
