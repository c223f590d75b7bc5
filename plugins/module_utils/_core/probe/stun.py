# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages of STUN (RFC 5389) and TURN (RFC 5766), and a connectivity check of ICE (RFC 8445), for IPv4."""

from __future__ import annotations

import hashlib
import hmac
import socket
import struct
from dataclasses import dataclass, field
from typing import Mapping, Tuple, Union

from ..errors import CoreError

COOKIE = 0x2112A442
HEADER = 20
BINDING, ALLOCATE, REFRESH, PERMIT, DATA_ARRIVED = 0x001, 0x003, 0x004, 0x008, 0x017
ANSWERED, REFUSED = 0x100, 0x110

USERNAME, INTEGRITY, ERROR, LIFETIME = 0x0006, 0x0008, 0x0009, 0x000D
PEER, DATA, REALM, NONCE = 0x0012, 0x0013, 0x0014, 0x0015
RELAYED, TRANSPORT, SEEN_FROM, PRIORITY = 0x0016, 0x0019, 0x0020, 0x0024
#: Of an address that the other side learns from the check itself (RFC 8445, section 5.1.2).
_PEER_REFLEXIVE = struct.pack("!I", (110 << 24) + (65535 << 8) + 255)
_UDP = bytes([17, 0, 0, 0])

Address = Tuple[str, int]  # (IPv4 address in dotted form, port)


class StunError(CoreError):
    """Bytes that are no message of STUN."""


@dataclass(frozen=True)
class Message:
    """One message; of attributes that occur twice the first counts.

    :param kind: the method, with ANSWERED or REFUSED in an answer.
    :param transaction: twelve bytes that an answer repeats.
    """

    kind: int
    transaction: bytes
    attributes: Mapping[int, bytes] = field(default_factory=dict)

    def answers(self, request: Message) -> bool:
        """Whether this is the answer to a request, of whichever kind."""
        same_method = self.kind & ~REFUSED & 0x3FFF == request.kind
        return same_method and self.kind != request.kind and self.transaction == request.transaction

    @property
    def refused(self) -> bool:
        """Whether it says no."""
        return self.kind & REFUSED == REFUSED

    def address(self, name: int) -> Address | None:
        """The address in an attribute, or None if there is none of IPv4."""
        value = self.attributes.get(name, b"")
        if len(value) != 8 or value[1] != 1:
            return None
        port = struct.unpack("!H", value[2:4])[0] ^ (COOKIE >> 16)
        number = struct.unpack("!I", value[4:8])[0] ^ COOKIE
        return socket.inet_ntoa(struct.pack("!I", number)), port

    @property
    def error(self) -> tuple[int, str]:
        """The code and the words of a refusal; 0 if it says none."""
        value = self.attributes.get(ERROR, b"")
        if len(value) < 4:
            return 0, ""
        return (value[2] & 0x07) * 100 + value[3], value[4:].decode("utf-8", "replace").strip("\0 ")


@dataclass(frozen=True)
class Login:
    """Who asks, and what the server wants to have repeated."""

    username: str
    password: str
    realm: bytes
    nonce: bytes

    def attributes(self) -> dict[int, bytes]:
        """What a request has to say in front of its integrity."""
        return {USERNAME: self.username.encode("utf-8"), NONCE: self.nonce, REALM: self.realm}

    def key(self) -> bytes:
        """The key of a long-term credential, which the standard makes with MD5."""
        words = (self.username.encode("utf-8"), self.realm, self.password.encode("utf-8"))
        return hashlib.md5(b":".join(words)).digest()


@dataclass(frozen=True)
class PeerLogin:
    """Who asks a peer, with the credential of one session.

    :param peer: the name of the peer.
    :param password: the password of the peer.
    :param own: the own name, which only the peer could use.
    """

    peer: str
    password: str
    own: str

    def attributes(self) -> dict[int, bytes]:
        """What a request has to say in front of its integrity."""
        return {USERNAME: f"{self.peer}:{self.own}".encode()}

    def key(self) -> bytes:
        """The key of a short-term credential."""
        return self.password.encode("utf-8")


AnyLogin = Union[Login, PeerLogin]


def encode(message: Message, login: AnyLogin | None = None) -> bytes:
    """A message as it goes over the wire, signed if there is a login."""
    attributes = {**message.attributes, **(login.attributes() if login else {})}
    body = b"".join(_attribute(name, value) for name, value in attributes.items())
    if login is None:
        return _header(message, len(body)) + body
    signed = _header(message, len(body) + 24) + body
    return signed + _attribute(INTEGRITY, hmac.new(login.key(), signed, hashlib.sha1).digest())


def length_of(header: bytes) -> int:
    """How many bytes follow a header of 20.

    :raises StunError: if it is none.
    """
    if len(header) < HEADER or header[0] & 0xC0 or struct.unpack("!I", header[4:8])[0] != COOKIE:
        raise StunError("the answer is not from a STUN server")
    length: int = struct.unpack("!H", header[2:4])[0]
    return length


def decode(packet: bytes) -> Message:
    """The message in a packet.

    :raises StunError: if it is none.
    """
    end = HEADER + length_of(packet)
    if len(packet) < end:
        raise StunError("the answer is truncated")
    attributes: dict[int, bytes] = {}
    at = HEADER
    while at + 4 <= end:
        name, length = struct.unpack("!HH", packet[at : at + 4])
        attributes.setdefault(name, packet[at + 4 : at + 4 + length])
        at += 4 + length + -length % 4
    return Message(struct.unpack("!H", packet[:2])[0], packet[8:HEADER], attributes)


def binding(transaction: bytes) -> Message:
    """The question from which address one comes."""
    return Message(BINDING, transaction)


def connectivity_check(transaction: bytes) -> Message:
    """The question of a peer of ICE."""
    return Message(BINDING, transaction, {PRIORITY: _PEER_REFLEXIVE})


def allocate(transaction: bytes) -> Message:
    """The wish for an address that relays UDP."""
    return Message(ALLOCATE, transaction, {TRANSPORT: _UDP})


def permit(transaction: bytes, peer: Address) -> Message:
    """The wish to hear from an address through the relay."""
    return Message(PERMIT, transaction, {PEER: _xored(peer)})


def release(transaction: bytes) -> Message:
    """The end of an allocation."""
    return Message(REFRESH, transaction, {LIFETIME: bytes(4)})


def _header(message: Message, length: int) -> bytes:
    return struct.pack("!HHI", message.kind, length, COOKIE) + message.transaction


def _attribute(name: int, value: bytes) -> bytes:
    return struct.pack("!HH", name, len(value)) + value + bytes(-len(value) % 4)


def _xored(address: Address) -> bytes:
    number = struct.unpack("!I", socket.inet_aton(address[0]))[0] ^ COOKIE
    return struct.pack("!BBHI", 0, 1, address[1] ^ (COOKIE >> 16), number)
