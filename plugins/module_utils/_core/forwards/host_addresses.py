# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host's own addresses say about a request."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Iterator, Mapping

from .request import ForwardError, Request


@dataclass(frozen=True)
class HostAddresses:
    """The addresses of a host, loopback included.

    :param links: the interface that has an address, by IPv4 addresses.
    """

    ipv4: tuple[IPv4Address, ...]
    ipv6: tuple[IPv6Address, ...]
    links: Mapping[IPv4Address, str] = field(default_factory=dict)


def parse(listing: str) -> HostAddresses:
    """Read what ``ip -json address show`` prints."""
    links = json.loads(listing or "[]")
    entries = [(link.get("ifname", ""), entry) for link in links for entry in link.get("addr_info", ())]
    ipv4 = [(IPv4Address(entry["local"]), name) for name, entry in entries if entry.get("family") == "inet"]
    ipv6 = tuple(IPv6Address(entry["local"]) for _name, entry in entries if entry.get("family") == "inet6")
    return HostAddresses(tuple(address for address, _name in ipv4), ipv6, dict(ipv4))


def refuse_what_cannot_be(request: Request, host: HostAddresses, elsewhere: bool) -> None:
    """Raise ForwardError if the request does not suit the host.

    :param elsewhere: whether the public address is said to be on another machine, which leads its packets here.
    """
    if request.public_address not in host.ipv4 and not elsewhere:
        known = ", ".join(str(address) for address in host.ipv4 if not address.is_loopback) or "none"
        raise ForwardError(
            f"public_address: {request.public_address} is not an address of this host (addresses: {known}); "
            "correct it, or set public_address_elsewhere to true if a router sends its packets to this host unchanged"
        )
    for index, forward in enumerate(request.forwards):
        if forward.to in host.ipv4:
            raise ForwardError(
                f"forwards[{index}].to: {forward.to} is an address of this host itself; give a guest's address"
            )


def notes(request: Request, host: HostAddresses) -> Iterator[str]:
    """Say what is not forwarded."""
    reachable = [address for address in host.ipv6 if address.is_global]
    if reachable and request.forwards:
        yield (
            f"IPv6 is not forwarded: {reachable[0]} of this host does not lead to a guest; publish no AAAA record for "
            "the forwarded names, or one with the guest's own IPv6 address"
        )
