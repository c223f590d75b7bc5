# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""IPv4 packets that carry UDP, read without effects."""

from __future__ import annotations

import socket
from dataclasses import dataclass

UDP = 17
FRAGMENT_OFFSET = 0x1FFF


@dataclass(frozen=True)
class Datagram:
    """One UDP datagram; addresses are in dotted form."""

    source: str
    source_port: int
    destination: str
    destination_port: int
    payload: bytes


def parse_datagram(packet: bytes) -> Datagram | None:
    """The datagram in an IPv4 packet that begins at its IP header, or None if it holds no readable one.

    Later fragments have no UDP header and are no datagram; what follows the datagram (padding) is left out.
    """
    header = (packet[0] & 0x0F) * 4 if packet else 0
    if header < 20 or packet[0] >> 4 != 4 or len(packet) < header + 8:
        return None
    if packet[9] != UDP or _number(packet, 6) & FRAGMENT_OFFSET:
        return None
    length = _number(packet, header + 4)
    if length < 8:
        return None
    return Datagram(
        source=socket.inet_ntoa(packet[12:16]),
        source_port=_number(packet, header),
        destination=socket.inet_ntoa(packet[16:20]),
        destination_port=_number(packet, header + 2),
        payload=packet[header + 8 : header + length],
    )


def is_wanted(datagram: Datagram | None, port: int, token: bytes) -> bool:
    """Whether this is the datagram that is waited for."""
    return datagram is not None and datagram.destination_port == port and token in datagram.payload


def described(datagram: Datagram | None) -> dict[str, object]:
    """What a user is told of a datagram, or of none: the values of datagram_info's RETURN."""
    if datagram is None:
        return {"received": False, "source": "", "source_port": 0, "destination": "", "length": 0}
    return {
        "received": True,
        "source": datagram.source,
        "source_port": datagram.source_port,
        "destination": datagram.destination,
        "length": len(datagram.payload),
    }


def port_filter(port: int) -> tuple[tuple[int, int, int, int], ...]:
    """A classic BPF program (code, jump if true, jump if false, value) that passes UDP to one port.

    It lets the kernel drop a busy bridge's media before it fills the socket's buffer.
    """
    return (
        (0x30, 0, 0, 9),  # A = protocol
        (0x15, 0, 6, UDP),  # other protocol: drop
        (0x28, 0, 0, 6),  # A = flags and fragment offset
        (0x45, 4, 0, FRAGMENT_OFFSET),  # later fragment: drop
        (0xB1, 0, 0, 0),  # X = length of the IP header
        (0x48, 0, 0, 2),  # A = destination port
        (0x15, 0, 1, port),  # other port: drop
        (0x06, 0, 0, 0xFFFFFFFF),  # pass the whole packet
        (0x06, 0, 0, 0),  # drop
    )


def _number(packet: bytes, offset: int) -> int:
    return int.from_bytes(packet[offset : offset + 2], "big")
