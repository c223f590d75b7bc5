# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A machine's way out: its default route, its neighbours and addresses as ip prints them, and its name servers."""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, Iterable, Sequence

from ..errors import CoreError

ROUTES = ["ip", "-4", "-j", "route", "show", "default"]
NEIGHBOURS = ["ip", "-4", "-j", "neigh"]
ADDRESSES = ["ip", "-4", "-j", "address"]
#: The flags in /proc/net/route of a route that is up and has a gateway.
_UP, _HAS_GATEWAY = 1, 2
_NOWHERE = "00000000"
#: The kernel asked for the neighbour's hardware address, and nobody answered.
_SILENT = ("FAILED", "INCOMPLETE")


@dataclass(frozen=True)
class Gateway:
    """The default route.

    :param address: the IPv4 address of the gateway; empty for a route without one.
    :param device: the network device; empty if there is no default route.
    :param state: the kernel's word for the neighbour, such as "REACHABLE"; empty if it knows none.
    :param answers: whether the gateway answers on its network; None if the kernel does not know it.
    """

    address: str = ""
    device: str = ""
    state: str = ""
    answers: bool | None = None

    @property
    def is_open(self) -> bool:
        """Whether the kernel does not know yet, or still asks for it."""
        return self.answers is None or self.state == "INCOMPLETE"


def parse_wanted(addresses: Sequence[str]) -> tuple[str, ...]:
    """Read the option ``addresses``.

    :raises CoreError: if one is no IPv4 address.
    """
    for index, address in enumerate(addresses):
        try:
            IPv4Address(address)
        except ValueError as error:
            raise CoreError(
                f"addresses[{index}]: {address!r} is not an IPv4 address; write it as in 192.0.2.10"
            ) from error
    return tuple(addresses)


def parse_gateway(routes: str) -> Gateway:
    """The default route that counts, of what ROUTES prints: that of the lowest metric."""
    entries = sorted(_entries(routes), key=lambda entry: int(entry.get("metric", 0)))
    return _gateway(entries[0]) if entries else Gateway()


def _gateway(entry: dict[str, Any]) -> Gateway:
    # Of several ways with one metric each is used, and the first is shown.
    hop = (entry.get("nexthops") or [entry])[0]
    address = hop.get("gateway") or hop.get("via", {}).get("host", "")
    return Gateway(str(address), str(hop.get("dev", "")))


def parse_route_table(text: str) -> Gateway:
    """The same of the text of ``/proc/net/route``, for machines without ip."""
    rows = [line.split() for line in text.splitlines()[1:]]
    found = [row for row in rows if len(row) > 7 and row[1] == row[7] == _NOWHERE and int(row[3], 16) & _UP]
    if not found:
        return Gateway()
    device, _destination, gateway, flags = min(found, key=lambda row: int(row[6]))[:4]
    # The kernel prints the bytes of an address as a number in the machine's own order.
    address = socket.inet_ntoa(struct.pack("=L", int(gateway, 16))) if int(flags, 16) & _HAS_GATEWAY else ""
    return Gateway(address, device)


def with_neighbour(gateway: Gateway, neighbours: str) -> Gateway:
    """The gateway with what NEIGHBOURS prints of it."""
    for entry in _entries(neighbours):
        if (entry.get("dst"), entry.get("dev")) == (gateway.address, gateway.device):
            states = entry.get("state") or []
            answers = False if any(state in _SILENT for state in states) else "lladdr" in entry or None
            return Gateway(gateway.address, gateway.device, " ".join(states), answers)
    return gateway


def parse_name_servers(text: str) -> list[str]:
    """The addresses of the name servers in the text of ``/etc/resolv.conf``."""
    lines = (line.split() for line in text.splitlines())
    return [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]


def missing(wanted: Iterable[str], addresses: str) -> list[str]:
    """The addresses that no device has, of what ADDRESSES prints."""
    there = {info.get("local") for entry in _entries(addresses) for info in entry.get("addr_info") or []}
    return [address for address in wanted if address not in there]


def _entries(text: str) -> list[dict[str, Any]]:
    try:
        entries = json.loads(text or "[]")
    except ValueError:
        return []
    # ip of older releases prints an empty object where it has nothing to show.
    return [entry for entry in entries if entry]
