# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an expression of nftables is for a packet, and whether it equals what a rule names."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Mapping, Sequence

from .packet import Packet, Truth, all_of, any_of

#: The elements of each named set and map of a table.
Sets = Mapping[str, Sequence[Any]]
_NUMBERS = {1: "icmp", 6: "tcp", 17: "udp"}


class Unknown:
    """A value that cannot be told."""


class Absent:
    """The field of a protocol that the packet does not have. No rule that names it matches, even with ``!=``."""


@dataclass(frozen=True)
class Flags:
    """Flags that are set. Of those that are not in ``known`` it cannot be told; None knows all."""

    names: frozenset[str]
    known: frozenset[str] | None = None


UNKNOWN, ABSENT = Unknown(), Absent()


def value_of(expression: Any, packet: Packet) -> Any:
    """Return the value for a packet: a port, an address, a text, Flags, a tuple of them, UNKNOWN or ABSENT."""
    if not isinstance(expression, dict) or len(expression) != 1:
        return UNKNOWN
    ((kind, body),) = expression.items()
    if kind == "payload":
        return _payload(body, packet)
    if kind == "meta":
        return _meta(body, packet)
    if kind == "ct":
        return _connection(body, packet)
    if kind == "fib":
        return _route(body, packet)
    if kind == "concat":
        values = tuple(value_of(part, packet) for part in body)
        return ABSENT if ABSENT in values else values
    if kind == "&":
        return _masked(value_of(body[0], packet), body[1])
    return UNKNOWN


def _payload(body: Mapping[str, Any], packet: Packet) -> Any:
    protocol, field = body.get("protocol"), body.get("field")
    if protocol == "ip":
        values = {"saddr": packet.source, "daddr": packet.destination, "protocol": packet.protocol}
        return values.get(str(field), UNKNOWN)
    if protocol in ("th", packet.protocol):
        if field == "flags" and protocol == "tcp" and not packet.is_reply:
            return Flags(frozenset({"syn"}))
        return _known({"dport": packet.port, "sport": packet.source_port}.get(str(field)))
    # A frame has Ethernet, VLAN or ARP fields, or a rule names bits by their place.
    return UNKNOWN if protocol in (None, "ether", "vlan", "arp") else ABSENT


def _meta(body: Mapping[str, Any], packet: Packet) -> Any:
    key = str(body.get("key"))
    values = {
        **dict.fromkeys(("iif", "iifname"), packet.in_interface),
        **dict.fromkeys(("oif", "oifname"), packet.out_interface),
        "l4proto": packet.protocol,
        "nfproto": "ipv4",
        "protocol": "ip",
    }
    return _known(values.get(key))


def _connection(body: Mapping[str, Any], packet: Packet) -> Any:
    key = body.get("key")
    if key == "state":
        return Flags(frozenset({"established" if packet.is_reply else "new"}))
    if key == "status":
        return Flags(frozenset({"dnat"} if packet.is_translated else ()), frozenset({"dnat"}))
    if key == "direction":
        return "reply" if packet.is_reply else "original"
    return UNKNOWN


def _route(body: Mapping[str, Any], packet: Packet) -> Any:
    if body.get("result") != "type" or body.get("flags") not in (["daddr"], ["saddr"], "daddr", "saddr"):
        return UNKNOWN
    return packet.type_of(packet.destination if "daddr" in body["flags"] else packet.source)


def _known(value: Any) -> Any:
    return UNKNOWN if value is None else value


def _masked(value: Any, mask: Any) -> Any:
    if not isinstance(value, Flags):
        return ABSENT if value is ABSENT else UNKNOWN
    names = frozenset([mask] if isinstance(mask, str) else mask if isinstance(mask, list) else ())
    return Flags(value.names & names) if value.known is None or names <= value.known else UNKNOWN


def equals(value: Any, right: Any, sets: Sets, is_part: bool = False) -> Truth:
    """Return whether a value is what a rule names.

    :param right: a constant, range, prefix, set or the name of one.
    :param is_part: whether one of several flags is enough.
    """
    if value is UNKNOWN:
        return None
    if isinstance(right, str) and right.startswith("@"):
        return any_of(*(equals(value, one, sets, is_part) for one in sets.get(right[1:], ())))
    if isinstance(right, dict) and len(right) == 1:
        return _equals_compound(value, right, sets, is_part)
    if isinstance(value, Flags):
        return _has(value, right, is_part)
    if isinstance(right, list):
        return any_of(*(equals(value, one, sets) for one in right))
    if right == "*":
        return True
    if isinstance(right, str) and right.endswith("*") and isinstance(value, str):
        return value.startswith(right[:-1])
    if isinstance(value, str) and isinstance(right, int):
        return _NUMBERS.get(right) == value
    return None if isinstance(value, tuple) else str(value) == str(right)


def _equals_compound(value: Any, right: Mapping[str, Any], sets: Sets, is_part: bool) -> Truth:
    ((kind, body),) = right.items()
    if kind == "set":
        # Each flag stands for itself in a set.
        return any_of(*(equals(value, one, sets, is_part) for one in (body if isinstance(body, list) else [body])))
    if kind == "elem":
        return equals(value, body["val"], sets, is_part)
    if kind == "concat" and isinstance(value, tuple) and len(value) == len(body):
        return all_of(*(equals(one, other, sets) for one, other in zip(value, body)))
    try:
        if kind == "prefix" and isinstance(value, IPv4Address):
            return value in IPv4Network((body["addr"], body["len"]), strict=False)
        if kind == "range" and isinstance(value, (int, IPv4Address)):
            first, last = (type(value)(end) for end in body)
            return bool(first <= value <= last)  # type: ignore[operator]
    except ValueError:
        return None
    return None


def _has(value: Flags, right: Any, is_part: bool) -> Truth:
    names = frozenset() if right == 0 else frozenset([right] if isinstance(right, str) else right)
    if is_part and value.names & names:
        return True
    if value.known is not None and (not is_part or not names <= value.known):
        return None
    return not is_part and value.names == names
