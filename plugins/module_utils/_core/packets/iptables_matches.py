# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a packet has what a rule of iptables asks for."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Callable, Mapping

from ..forwards.rule_text import Rule
from .packet import Packet, Truth, all_of, any_of, negated

#: The modules whose options are known below.
_MODULES = ("tcp", "udp", "comment", "conntrack", "state", "multiport", "addrtype", "icmp")
_NUMBERS = {"6": "tcp", "17": "udp"}
_STATES = {"INVALID", "NEW", "ESTABLISHED", "RELATED", "UNTRACKED", "DNAT"}
_ALL_FLAGS = "FIN,SYN,RST,PSH,ACK,URG"


def matches(rule: Rule, packet: Packet) -> Truth:
    """Return whether a packet matches a rule; None if only options decide that are not known."""
    return all_of(*(_holds(name, value, packet) for name, value in rule.options))


def _holds(name: str, value: str, packet: Packet) -> Truth:
    test = _TESTS.get(name)
    if test is None:
        return None
    truth = test(value.lstrip("!"), packet)
    return negated(truth) if value.startswith("!") else truth


def _is_protocol(value: str, packet: Packet) -> Truth:
    return value in ("all", "0") or _NUMBERS.get(value, value) == packet.protocol


def _is_in(value: str, address: IPv4Address) -> Truth:
    """Whether an address is in a network; its mask may have gaps."""
    network, _slash, mask = value.partition("/")
    try:
        bits = int(IPv4Address(mask)) if "." in mask else (1 << 32) - (1 << (32 - int(mask or 32)))
        return int(IPv4Address(network)) & bits == int(address) & bits
    except ValueError:
        return None


def _is_link(value: str, link: str | None) -> Truth:
    if value == "+":
        return True
    if link is None:
        return None
    return link.startswith(value[:-1]) if value.endswith("+") else link == value


def _is_port(value: str, port: int | None) -> Truth:
    if port is None:
        return None
    parts = (part.partition(":") for part in value.split(","))
    ranges = ((int(first or 0), int(last or (65535 if colon else first))) for first, colon, last in parts)
    return any(first <= port <= last for first, last in ranges)


def _is_state(value: str, packet: Packet) -> Truth:
    wanted = set(value.split(","))
    has = {"ESTABLISHED" if packet.is_reply else "NEW", *(("DNAT",) if packet.is_translated else ())}
    if wanted & has:
        return True
    # Whether a connection's source is translated is not asked, and decided only after the filters.
    return None if packet.is_reply and not wanted <= _STATES else False


def _is_type(value: str, packet: Packet, address: IPv4Address) -> Truth:
    return packet.type_of(address).upper() in value.split(",")


def _has_flags(value: str, packet: Packet) -> Truth:
    if packet.protocol != "tcp":
        return False
    if packet.is_reply:
        return None
    mask, wanted = (set(text.replace("ALL", _ALL_FLAGS).split(",")) for text in f"{value} ".split(" ")[:2])
    return mask & {"SYN"} == wanted - {"NONE"}


_TESTS: Mapping[str, Callable[[str, Packet], Truth]] = {
    "-m": lambda value, packet: True if value in _MODULES else None,
    "--comment": lambda value, packet: True,
    "-p": _is_protocol,
    "-f": lambda value, packet: False,
    "-s": lambda value, packet: _is_in(value, packet.source),
    "-d": lambda value, packet: _is_in(value, packet.destination),
    "-i": lambda value, packet: _is_link(value, packet.in_interface),
    "-o": lambda value, packet: _is_link(value, packet.out_interface),
    "--dport": lambda value, packet: _is_port(value, packet.port),
    "--sport": lambda value, packet: _is_port(value, packet.source_port),
    "--sports": lambda value, packet: _is_port(value, packet.source_port),
    "--ports": lambda value, packet: any_of(_is_port(value, packet.port), _is_port(value, packet.source_port)),
    "--ctstate": _is_state,
    "--ctdir": lambda value, packet: value == ("REPLY" if packet.is_reply else "ORIGINAL"),
    "--src-type": lambda value, packet: _is_type(value, packet, packet.source),
    "--dst-type": lambda value, packet: _is_type(value, packet, packet.destination),
    "--tcp-flags": _has_flags,
    "--icmp-type": lambda value, packet: False,
}
