# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import ctnetlink


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def ends(source, source_port, destination, destination_port, protocol=17):
    addresses = attribute(1, bytes(source)) + attribute(2, bytes(destination))
    ports = attribute(2, struct.pack(">H", source_port)) + attribute(3, struct.pack(">H", destination_port))
    return attribute(0x8001, addresses) + attribute(0x8002, attribute(1, bytes([protocol])) + ports)


CLIENT, PUBLIC, GUEST = (198, 51, 100, 20), (198, 51, 100, 10), (192, 168, 122, 120)
ORIGINAL = attribute(0x8001, ends(CLIENT, 40000, PUBLIC, 10000))
REPLY = attribute(0x8002, ends(GUEST, 10001, CLIENT, 40000))
IDENTITY = attribute(12, b"\0\0\0\7")
ZONE = attribute(18, b"\0\1")
HEAD = b"\2\0\0\0"


def message(kind, body, flags=0):
    return struct.pack("=IHHII", 16 + len(body), kind, flags, 0, 0) + body


def test_a_flow_is_read_and_its_key_holds_what_tells_it_from_others():
    flow, key = ctnetlink.udp_flow(HEAD + ORIGINAL + REPLY + attribute(3, b"\0\0\0\1") + IDENTITY + ZONE)
    assert (str(flow.source), flow.source_port) == ("198.51.100.20", 40000)
    assert (str(flow.destination), flow.destination_port) == ("198.51.100.10", 10000)
    assert (str(flow.answers_from), flow.answers_from_port) == ("192.168.122.120", 10001)
    assert key == ORIGINAL + IDENTITY + ZONE


def test_connections_of_other_protocols_are_none():
    tcp = attribute(0x8001, ends(CLIENT, 40000, PUBLIC, 443, protocol=6))
    assert ctnetlink.udp_flow(HEAD + tcp + REPLY) is None
    assert ctnetlink.udp_flow(HEAD) is None


def test_several_messages_come_in_one_piece():
    data = message(0x100, b"abc") + b"\0" + message(ctnetlink.DONE, struct.pack("=i", 0))
    assert list(ctnetlink.messages(data)) == [(0x100, b"abc"), (3, bytes(4))]


@pytest.mark.parametrize("read", [lambda data: list(ctnetlink.messages(data)), ctnetlink.udp_flow])
def test_strange_bytes_are_refused(read):
    with pytest.raises(ValueError, match="the kernel sent"):
        read(bytes(16))


def test_errors_and_acknowledgements():
    asked = message(0x102, b"", flags=5)
    assert ctnetlink.error(struct.pack("=i", -1) + asked) == 1
    assert ctnetlink.is_acknowledgement(struct.pack("=i", 0) + asked)
    assert not ctnetlink.is_acknowledgement(struct.pack("=i", -2) + message(0x102, b"", flags=1))


def test_only_the_last_deletion_asks_for_an_answer():
    flags = [data[6] for data in split(ctnetlink.deletions([ORIGINAL, ORIGINAL, ORIGINAL]))]
    assert flags == [1, 1, 5]


def split(data):
    while data:
        size = struct.unpack_from("=I", data)[0]
        yield data[:size]
        data = data[size:]
