# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packets in, datagrams out; and the kernel's filter, run here by a small interpreter of its instructions."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.datagram import (
    Datagram,
    is_wanted,
    parse_datagram,
    port_filter,
)


def packet(payload=b"token", options=b"", protocol=17, fragment=0, port=10000, padding=b"", version=4):
    udp = (4000).to_bytes(2, "big") + port.to_bytes(2, "big") + (8 + len(payload)).to_bytes(2, "big") + b"\x00\x00"
    header = bytes([version << 4 | (5 + len(options) // 4), 0])
    header += (20 + len(options) + 8 + len(payload)).to_bytes(2, "big") + b"\x00\x01" + fragment.to_bytes(2, "big")
    header += bytes([64, protocol]) + b"\x00\x00" + bytes([198, 51, 100, 20]) + bytes([192, 168, 122, 120]) + options
    return header + udp + payload + padding


def run(program, data):
    """What the kernel would do: the number of bytes that it lets through."""
    accumulator, index, position = 0, 0, 0
    while True:
        code, on_true, on_false, value = program[position]
        position += 1
        if code == 0x30:
            accumulator = data[value]
        elif code == 0x28:
            accumulator = int.from_bytes(data[value : value + 2], "big")
        elif code == 0x48:
            accumulator = int.from_bytes(data[index + value : index + value + 2], "big")
        elif code == 0xB1:
            index = 4 * (data[value] & 0x0F)
        elif code == 0x15:
            position += on_true if accumulator == value else on_false
        elif code == 0x45:
            position += on_true if accumulator & value else on_false
        else:
            return value


@pytest.mark.parametrize("extras", [{}, {"options": b"\x01" * 8}, {"padding": b"\x00" * 6}])
def test_a_datagram_is_read(extras):
    assert parse_datagram(packet(**extras)) == Datagram("198.51.100.20", 4000, "192.168.122.120", 10000, b"token")


@pytest.mark.parametrize(
    "data",
    [b"", b"\x45", packet()[:27], packet(protocol=6), packet(fragment=1), packet(version=6), b"\x41" + packet()[1:]],
)
def test_what_is_no_datagram_is_not_read(data):
    assert parse_datagram(data) is None


def test_a_first_fragment_is_a_datagram():
    assert parse_datagram(packet(fragment=0x2000)) is not None


def test_a_datagram_is_wanted_for_its_port_and_its_token():
    datagram = parse_datagram(packet(b"before token after"))
    assert is_wanted(datagram, 10000, b"token")
    assert not is_wanted(datagram, 10001, b"token")
    assert not is_wanted(datagram, 10000, b"other")
    assert not is_wanted(None, 10000, b"token")


@pytest.mark.parametrize("port", [1, 10000, 65535])
def test_the_filter_passes_its_port_whole_and_nothing_else(port):
    program = port_filter(port)
    assert run(program, packet(port=port)) == 0xFFFFFFFF
    assert run(program, packet(port=port, options=b"\x01" * 12)) == 0xFFFFFFFF
    assert run(program, packet(port=port - 1)) == 0
    assert run(program, packet(port=port, protocol=6)) == 0
    assert run(program, packet(port=port, fragment=5)) == 0
