# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user asks to be forwarded: checked once, here, before anything is read or written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Mapping, Sequence

from ..errors import CoreError

# A chain name has at most 28 characters, and "PF-" and "-DNAT" take eight of them.
NAME_LIMIT = 20
# The kernel keeps 256 bytes, the last of them zero; iptables cuts the rest off without a word.
COMMENT_LIMIT = 255
ROLLBACK_LEAST, ROLLBACK_MOST = 5, 3600

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")
_PORTS = re.compile(r"([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?\Z")
EVERYONE = IPv4Network("0.0.0.0/0")


class ForwardError(CoreError):
    """A request that cannot be carried out. The message says what is wrong and what to do."""


@dataclass(frozen=True)
class Ports:
    """Ports ``first`` to ``last``, both included; 1 to 65535."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many ports there are, at least 1."""
        return self.last - self.first + 1

    def overlaps(self, other: Ports) -> bool:
        """Whether the two have a port in common."""
        return self.first <= other.last and other.first <= self.last

    def join(self, separator: str) -> str:
        """``443`` or, with the separator ``-``, ``10000-10010``."""
        return str(self.first) if self.size == 1 else f"{self.first}{separator}{self.last}"

    def __str__(self) -> str:
        return self.join("-")


@dataclass(frozen=True)
class Forward:
    """Ports of the public address that lead to a guest. ``to_ports`` has the size of ``ports``."""

    protocol: str
    ports: Ports
    to: IPv4Address
    to_ports: Ports
    sources: tuple[IPv4Network, ...] = (EVERYONE,)
    comment: str = ""


@dataclass(frozen=True)
class Request:
    """Everything that one owner wants.

    :param purpose: what for, such as a site's name; empty if nobody said.
    """

    name: str
    public_address: IPv4Address
    network: IPv4Network
    forwards: tuple[Forward, ...]
    hairpin: bool = True
    masquerade: bool = True
    purpose: str = ""


def parse_name(name: str) -> str:
    """Return the owner's name, or raise ForwardError if no chain can be named after it."""
    if not _NAME.match(name):
        raise ForwardError(
            f"name: {name!r} is not a valid owner name; use only letters, digits, '-' and '_', "
            "and begin with a letter or a digit"
        )
    if len(name) > NAME_LIMIT:
        raise ForwardError(
            f"name: {name!r} has {len(name)} characters, and iptables allows {NAME_LIMIT}; use a shorter name"
        )
    return name


def parse_rollback(seconds: int) -> int:
    """Return the seconds that a host waits for a confirmation, or raise ForwardError if it could not be given."""
    if seconds and not ROLLBACK_LEAST <= seconds <= ROLLBACK_MOST:
        raise ForwardError(
            f"rollback: {seconds} is out of range; use {ROLLBACK_LEAST} to {ROLLBACK_MOST} seconds, "
            "or 0 for no rollback"
        )
    return seconds


def parse_request(parameters: Mapping[str, Any]) -> Request:
    """Check the module's parameters (state present) and return what they mean, or raise ForwardError."""
    name = parse_name(parameters["name"])
    network = _network(parameters["network"], "network")
    public = _public_address(parameters["public_address"], network)
    forwards = []
    for index, item in enumerate(parameters["forwards"]):
        place = f"forwards[{index}]"
        forward = _forward(item, place, network)
        if not parameters.get("allow_ssh"):
            _spare_ssh(forward, place, public, int(parameters.get("ssh_port") or 22))
        forwards.append(forward)
    _refuse_overlaps(forwards)
    return Request(
        name=name,
        public_address=public,
        network=network,
        forwards=tuple(forwards),
        hairpin=bool(parameters.get("hairpin", True)),
        masquerade=bool(parameters.get("masquerade", True)),
        purpose=parse_purpose(parameters.get("purpose") or ""),
    )


def parse_purpose(text: str) -> str:
    """Return what forwards are for, or raise ForwardError if it is more than a line."""
    if _has_control_character(text):
        raise ForwardError(f"purpose: {text!r} contains a control character; use one line of text")
    return text


def _forward(item: Mapping[str, Any], place: str, network: IPv4Network) -> Forward:
    protocol = item["protocol"]
    if protocol not in ("tcp", "udp"):
        raise ForwardError(f"{place}.protocol: {protocol!r} is not supported; use tcp or udp")
    ports = _ports(item["port"], f"{place}.port")
    return Forward(
        protocol=protocol,
        ports=ports,
        to=_guest(item["to"], f"{place}.to", network),
        to_ports=_target_ports(item.get("to_port"), f"{place}.to_port", ports),
        sources=_sources(item.get("sources"), f"{place}.sources"),
        comment=_comment(item.get("comment") or "", f"{place}.comment"),
    )


def _ports(value: Any, place: str) -> Ports:
    match = _PORTS.match(str(value))
    if not match:
        raise ForwardError(
            f"{place}: {value!r} is neither a port from 1 to 65535 nor a range; "
            "use a number such as 443, or a range such as '10000-10010'"
        )
    ports = Ports(int(match.group(1)), int(match.group(2) or match.group(1)))
    if ports.last > 65535 or ports.first > 65535:
        raise ForwardError(f"{place}: {value} is above 65535, the highest port; use a smaller number")
    if ports.last < ports.first:
        raise ForwardError(f"{place}: the range {value} ends before it begins; use '{ports.last}-{ports.first}'")
    return ports


def _target_ports(value: Any, place: str, ports: Ports) -> Ports:
    if value is None or value == "":
        return ports
    target = _ports(value, place)
    if target.size != ports.size:
        raise ForwardError(
            f"{place}: {target} has {target.size} port(s), but port {ports} has {ports.size}; "
            "use a to_port of the same size"
        )
    return target


def _address(value: str, place: str) -> IPv4Address:
    if ":" in value:
        raise ForwardError(
            f"{place}: {value!r} is an IPv6 address, and IPv6 needs no port forwards; "
            "use an IPv4 address, and publish the guest's own IPv6 address in the DNS"
        )
    try:
        address = IPv4Address(value)
    except ValueError as error:
        raise ForwardError(
            f"{place}: {value!r} is not an IPv4 address ({error}); use for example 192.168.122.100"
        ) from error
    if str(address) != value:
        raise ForwardError(f"{place}: {value!r} has leading zeros; use {address} if you mean that address")
    return address


def _network(value: str, place: str) -> IPv4Network:
    if ":" in value:
        raise ForwardError(f"{place}: {value!r} is an IPv6 network; use an IPv4 network")
    if "/" not in value:
        raise ForwardError(f"{place}: {value!r} has no prefix length; use for example 192.168.122.0/24")
    try:
        network = IPv4Network(value, strict=False)
    except ValueError as error:
        raise ForwardError(
            f"{place}: {value!r} is not an IPv4 network ({error}); use for example 192.168.122.0/24"
        ) from error
    if str(network) != value:
        raise ForwardError(
            f"{place}: {value!r} has host bits, or a netmask instead of a prefix length; "
            f"use {network} if you mean that network"
        )
    return network


def _public_address(value: str, network: IPv4Network) -> IPv4Address:
    address = _address(value, "public_address")
    if address.is_unspecified or address.is_loopback or address.is_multicast:
        raise ForwardError(
            f"public_address: {address} cannot be reached from outside; use the address that clients connect to"
        )
    if address in network:
        raise ForwardError(
            f"public_address: {address} is in the guests' network {network}; "
            "use the host's outside address, or correct network"
        )
    return address


def _guest(value: str, place: str, network: IPv4Network) -> IPv4Address:
    address = _address(value, place)
    if address not in network:
        raise ForwardError(
            f"{place}: {address} is not in the network {network}; give a guest's address in it, or correct network"
        )
    if network.prefixlen < 31 and address in (network.network_address, network.broadcast_address):
        raise ForwardError(
            f"{place}: {address} is the network or the broadcast address of {network}; give a guest's address"
        )
    return address


def _sources(values: Sequence[str] | None, place: str) -> tuple[IPv4Network, ...]:
    if values is None:
        return (EVERYONE,)
    if not values:
        raise ForwardError(
            f"{place}: the list is empty, so nobody could connect; list networks, "
            "or leave sources out to allow everyone"
        )
    networks = []
    for index, value in enumerate(values):
        here = f"{place}[{index}]"
        networks.append(_network(value, here) if "/" in value else IPv4Network(_address(value, here)))
    # A source named twice would only make the same rule twice.
    return tuple(dict.fromkeys(networks))


def _has_control_character(text: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def _comment(text: str, place: str) -> str:
    if _has_control_character(text):
        raise ForwardError(f"{place}: {text!r} contains a control character; use one line of text")
    if text.startswith("-"):
        raise ForwardError(
            f"{place}: {text!r} begins with '-', and older versions of iptables-restore read it as an option; "
            "begin with another character"
        )
    size = len(text.encode("utf-8"))
    if size > COMMENT_LIMIT:
        raise ForwardError(
            f"{place}: the comment has {size} bytes, and iptables keeps {COMMENT_LIMIT}; use a shorter comment"
        )
    return text


def _spare_ssh(forward: Forward, place: str, public: IPv4Address, ssh_port: int) -> None:
    """Refuse to lead ssh away from the host: the next connection would land in the guest."""
    if forward.protocol == "tcp" and forward.ports.overlaps(Ports(ssh_port, ssh_port)):
        raise ForwardError(
            f"{place}.port: tcp port {forward.ports} of {public} covers port {ssh_port}, the ssh port of this host; "
            "use another port, correct ssh_port, or set allow_ssh to true"
        )


def _refuse_overlaps(forwards: Sequence[Forward]) -> None:
    """Raise ForwardError if one packet could match two forwards."""
    open_ranges: list[tuple[int, Forward]] = []
    order = sorted(enumerate(forwards), key=lambda pair: (pair[1].protocol, pair[1].ports.first))
    for index, forward in order:
        open_ranges = [pair for pair in open_ranges if _share_ports(pair[1], forward)]
        for other_index, other in open_ranges:
            if share_packets(other, forward):
                raise ForwardError(
                    f"forwards[{index}].port: {forward.protocol} port {forward.ports} overlaps {other.protocol} port "
                    f"{other.ports} of forwards[{other_index}], and only one of them would get the packets; "
                    "remove one, or use sources that do not overlap"
                )
        open_ranges.append((index, forward))


def _share_ports(one: Forward, other: Forward) -> bool:
    return one.protocol == other.protocol and one.ports.overlaps(other.ports)


def share_packets(one: Forward, other: Forward) -> bool:
    """Whether one packet to one public address could match both."""
    return _share_ports(one, other) and any(left.overlaps(right) for left in one.sources for right in other.sources)
