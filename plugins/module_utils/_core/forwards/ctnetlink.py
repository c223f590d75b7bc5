# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages by which the kernel lists and deletes tracked connections (linux/netfilter/nfnetlink_conntrack.h).

The command ``conntrack`` reads the whole table for each deletion. One dump and one message for each flow take
a second for 40,000 flows.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address
from typing import Iterable, Iterator

from .conntrack import Flow

NETLINK_NETFILTER = 12
ERROR, DONE = 2, 3

_AF_INET, _UDP = 2, 17
_GET, _DELETE = 0x101, 0x102
_REQUEST, _ACKNOWLEDGE, _DUMP = 1, 4, 0x300
_HEADER = struct.Struct("=IHHII")
_NETFILTER = struct.Struct(">BBH")
_ATTRIBUTE = struct.Struct("=HH")
_STATUS = struct.Struct("=i")
_PORT = struct.Struct(">H")
_TYPE_BITS = 0x3FFF
# Attributes of a connection, of a tuple, of its addresses and of its protocol.
_ORIGINAL, _REPLY, _ID, _ZONE = 1, 2, 12, 18
_ADDRESSES, _PROTOCOL = 1, 2
_SOURCE, _DESTINATION = 1, 2
_NUMBER, _SOURCE_PORT, _DESTINATION_PORT = 1, 2, 3


def list_all() -> bytes:
    """Return the message that asks for all connections of IPv4."""
    return _message(_GET, _REQUEST | _DUMP, b"")


def deletions(keys: Iterable[bytes]) -> bytes:
    """Return the messages that delete connections; the kernel answers the last one in any case.

    :param keys: what :func:`flows_in` returned; at least one.
    """
    *first, last = keys
    return b"".join(
        [*(_message(_DELETE, _REQUEST, key) for key in first), _message(_DELETE, _REQUEST | _ACKNOWLEDGE, last)]
    )


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Split what the kernel sent; return the type and the body of each message."""
    start = 0
    while start + _HEADER.size <= len(data):
        size, kind, *_rest = _HEADER.unpack_from(data, start)
        if size < _HEADER.size:
            raise ValueError(f"the kernel sent a netlink message with the invalid size {size}")
        yield kind, data[start + _HEADER.size : start + size]
        start += -(-size // 4) * 4


def error(body: bytes) -> int:
    """Return the error number in the body of a message of the type ERROR or DONE; 0 if there is none."""
    return -_STATUS.unpack_from(body)[0] if len(body) >= _STATUS.size else 0


def is_acknowledgement(body: bytes) -> bool:
    """Whether the body of a message of the type ERROR answers a message that asked for an answer."""
    return bool(_HEADER.unpack_from(body, _STATUS.size)[2] & _ACKNOWLEDGE)


def udp_flow(body: bytes) -> tuple[Flow, bytes] | None:
    """Read one connection.

    :param body: of a message that answers :func:`list_all`.
    :returns: the flow, and the key by which it is deleted; None if it is none of UDP.
    """
    found = _attributes(body[_NETFILTER.size :])
    original, reply = _ends(found.get(_ORIGINAL, b"")), _ends(found.get(_REPLY, b""))
    if original is None or reply is None:
        return None
    source, source_port, destination, destination_port = original
    flow = Flow(source, source_port, destination, destination_port, reply[0], reply[1])
    return flow, b"".join(_attribute(kind, found[kind]) for kind in (_ORIGINAL, _ID, _ZONE) if kind in found)


def _ends(data: bytes) -> tuple[IPv4Address, int, IPv4Address, int] | None:
    """Return the two ends of one direction, if it is one of UDP."""
    found = _attributes(data)
    addresses, protocol = _attributes(found.get(_ADDRESSES, b"")), _attributes(found.get(_PROTOCOL, b""))
    if protocol.get(_NUMBER) != bytes([_UDP]):
        return None
    return (
        IPv4Address(addresses[_SOURCE]),
        _PORT.unpack(protocol[_SOURCE_PORT])[0],
        IPv4Address(addresses[_DESTINATION]),
        _PORT.unpack(protocol[_DESTINATION_PORT])[0],
    )


def _attributes(data: bytes) -> dict[int, bytes]:
    """Return the attributes in a piece of a message, by their type."""
    found = {}
    start, end = 0, len(data)
    while start + _ATTRIBUTE.size <= end:
        size, kind = _ATTRIBUTE.unpack_from(data, start)
        if size < _ATTRIBUTE.size:
            raise ValueError(f"the kernel sent a netlink attribute with the invalid size {size}")
        found[kind & _TYPE_BITS] = data[start + _ATTRIBUTE.size : start + size]
        start += (size + 3) & ~3
    return found


def _attribute(kind: int, data: bytes) -> bytes:
    nested = 0x8000 if kind == _ORIGINAL else 0
    return _ATTRIBUTE.pack(_ATTRIBUTE.size + len(data), kind | nested) + data + bytes(-len(data) % 4)


def _message(kind: int, flags: int, data: bytes) -> bytes:
    body = _NETFILTER.pack(_AF_INET, 0, 0) + data
    return _HEADER.pack(_HEADER.size + len(body), kind, flags, 0, 0) + body
