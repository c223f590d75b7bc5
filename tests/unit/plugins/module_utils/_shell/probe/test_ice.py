# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small bridge on the loopback interface, asked whether it takes media."""

from __future__ import annotations

import hashlib
import hmac
import socket
import struct
import threading

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import stun
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.jingle import Candidate, Offer
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.ice import answers_at

PASSWORD = "5d40a9hqtmlkj825pc9e1sq7dc"


def answer(packet, silent_for, asked):
    """As the real bridge: it needs a name that it gave, its password, and a priority."""
    request = stun.decode(packet)
    asked.append(request.attributes[stun.USERNAME].decode())
    signed = struct.pack("!HH", stun.BINDING, len(packet) - stun.HEADER) + packet[4:-24]
    is_right = hmac.new(PASSWORD.encode(), signed, hashlib.sha1).digest() == request.attributes[stun.INTEGRITY]
    if not asked[-1].startswith("8ad9:") or len(asked) <= silent_for:
        return b""
    kind = stun.ANSWERED if is_right and len(request.attributes[stun.PRIORITY]) == 4 else stun.REFUSED
    return stun.encode(stun.Message(stun.BINDING | kind, request.transaction))


@pytest.mark.parametrize(
    ("name", "password", "silent_for", "answers"),
    [
        ("8ad9", PASSWORD, 0, True),
        ("8ad9", PASSWORD, 1, True),
        # A refusal comes back, too.
        ("8ad9", "wrong", 0, True),
        ("else", PASSWORD, 0, False),
    ],
)
def test_bridge_that_answers_is_seen(name, password, silent_for, answers):
    asked = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(3)

        def serve():
            while True:
                try:
                    packet, client = server.recvfrom(2048)
                except OSError:
                    return
                said = answer(packet, silent_for, asked)
                if said:
                    server.sendto(said, client)
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        own = Candidate("127.0.0.1", server.getsockname()[1], "udp", "srflx")
        # Those that nobody can ask: over TCP, of IPv6, without a port, and without an address.
        others = [Candidate("127.0.0.1", own.port, "tcp", "host"), Candidate("::1", own.port, "udp", "host")]
        others += [Candidate("127.0.0.1", 0, "udp", "host"), Candidate("", own.port, "udp", "host")]
        found = answers_at(Offer((), name, password), (*others, own), 1.2)
        assert found == ((own,) if answers else ())
    thread.join(5)
    assert asked[0].startswith(f"{name}:") and len(asked) > silent_for


def test_offer_without_addresses_has_no_answer():
    assert answers_at(Offer((), "", ""), (), 1) == ()
