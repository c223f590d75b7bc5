# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packets that a user asks about, and the hooks of the kernel's firewall that they pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from typing import AbstractSet, Any, Mapping, Optional

from ..errors import CoreError

#: Whether something holds; None where that cannot be told.
Truth = Optional[bool]


class PacketError(CoreError):
    """A packet that cannot be. The message says what to correct."""


@dataclass(frozen=True)
class Hook:
    """A place in the kernel where rules decide.

    :param place: the name of nftables.
    :param is_nat: whether rules translate addresses there, and do not decide whether the packet passes.
    :param has_in: whether the packet has come in by an interface.
    :param has_out: whether it leaves by one.
    :param tables: the tables of iptables with a chain there, each with its priority.
    """

    place: str
    is_nat: bool
    has_in: bool
    has_out: bool
    tables: Mapping[str, int]

    @property
    def chain(self) -> str:
        """The name of iptables for the chain."""
        return self.place.upper()


HOOKS = {
    "prerouting": Hook("prerouting", False, True, False, {"raw": -300, "mangle": -150}),
    "forward": Hook("forward", False, True, True, {"mangle": -150, "filter": 0, "security": 50}),
    "input": Hook("input", False, True, False, {"mangle": -150, "filter": 0, "security": 50}),
    "output": Hook("output", False, False, True, {"raw": -300, "mangle": -150, "filter": 0, "security": 50}),
    "dnat": Hook("prerouting", True, True, False, {"nat": -100}),
    "snat": Hook("postrouting", True, False, True, {"nat": 100}),
}
STATES = ("new", "established")
PROTOCOLS = ("tcp", "udp")


@dataclass(frozen=True)
class Packet:
    """One packet at one hook.

    :param hook: a key of HOOKS.
    :param source_port: None if it is not known.
    :param in_interface: empty if there is none, None if it is not known; so is ``out_interface``.
    :param is_reply: whether it is an answer in a connection that the kernel knows, and not the first packet of one.
    :param is_translated: whether a rule replaced the destination of the connection's first packet.
    :param local: the machine's own addresses.
    """

    name: str
    hook: str
    protocol: str
    source: IPv4Address
    destination: IPv4Address
    port: int
    source_port: int | None = None
    in_interface: str | None = None
    out_interface: str | None = None
    is_reply: bool = False
    is_translated: bool = False
    local: AbstractSet[IPv4Address] = frozenset()

    def type_of(self, address: IPv4Address) -> str:
        """Return what an address is to the machine: local, broadcast, multicast or unicast."""
        if address in self.local or address.is_loopback:
            return "local"
        if address.is_multicast:
            return "multicast"
        return "broadcast" if address == IPv4Address("255.255.255.255") else "unicast"


def parse_packet(option: Mapping[str, Any], place: str, local: AbstractSet[IPv4Address] = frozenset()) -> Packet:
    """Return the packet that an entry of the option means.

    :param place: the path of the option, for messages.
    :raises PacketError: if an address or a port is none.
    """
    hook = HOOKS[option["hook"]]
    source_port = option["source_port"]
    return Packet(
        name=option["name"],
        hook=option["hook"],
        protocol=option["protocol"],
        source=_address(option["source"], f"{place}.source"),
        destination=_address(option["destination"], f"{place}.destination"),
        port=_port(option["port"], f"{place}.port"),
        source_port=None if source_port is None else _port(source_port, f"{place}.source_port"),
        in_interface=(option["in_interface"] or None) if hook.has_in else "",
        out_interface=(option["out_interface"] or None) if hook.has_out else "",
        is_reply=option["state"] == "established",
        is_translated=bool(option["translated"]),
        local=local,
    )


def on_its_way(packet: Packet, devices: Mapping[IPv4Address, str]) -> Packet:
    """Return a packet with the interfaces that nobody named.

    :param devices: by which interface the machine sends to an address. From there its packets come in, too.
    """
    came, leaves = packet.in_interface, packet.out_interface
    if came is None:
        came = devices.get(packet.source)
    if leaves is None:
        leaves = devices.get(packet.destination)
    return replace(packet, in_interface=came, out_interface=leaves)


def _address(text: str, place: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except ValueError as error:
        raise PacketError(f"{place}: {text!r} is not an IPv4 address; use for example 192.168.122.100") from error


def _port(number: int, place: str) -> int:
    if not 1 <= number <= 65535:
        raise PacketError(f"{place}: {number} is not a port; use a number from 1 to 65535")
    return number


def negated(truth: Truth) -> Truth:
    """Return the opposite."""
    return None if truth is None else not truth


def all_of(*truths: Truth) -> Truth:
    """Return whether all hold: no, if one surely does not."""
    if False in truths:
        return False
    return None if None in truths else True


def any_of(*truths: Truth) -> Truth:
    """Return whether one holds: yes, if one surely does."""
    if True in truths:
        return True
    return None if None in truths else False
