# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs of the host itself that wait for packets on a port: a forward would lead them to a guest."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Iterable, Iterator, Sequence

from .request import Forward, Ports, Request

#: The program that shows them, without resolving names.
SHOW = ["ss", "-Hnltu"]
#: The kernel's range of ports for programs that ask for any.
EPHEMERAL = ["sysctl", "--values", "net.ipv4.ip_local_port_range"]
_EVERY = ("*", "0.0.0.0")
_MAPPED = "::ffff:"


@dataclass(frozen=True)
class Listener:
    """A port on which a program waits.

    :param protocol: ``tcp`` or ``udp``.
    :param address: the address on which it waits; None for each of the host's.
    """

    protocol: str
    address: IPv4Address | None
    port: int


def parse(listing: str, ephemeral: str = "") -> tuple[Listener, ...]:
    """Read what SHOW prints. Programs that wait on IPv6 alone are left out.

    :param ephemeral: what EPHEMERAL prints. A UDP port in this range is often that of a question, such as to the DNS,
        and waits for the answer only.
    """
    found = filter(None, map(_read, listing.split("\n")))
    limits = [int(word) for word in ephemeral.split()]
    passing = Ports(limits[0], limits[1]) if len(limits) == 2 else None
    return tuple(
        dict.fromkeys(
            one
            for one in found
            if not (passing and one.protocol == "udp" and passing.overlaps(Ports(one.port, one.port)))
        )
    )


def _read(line: str) -> Listener | None:
    words = line.split()
    if len(words) < 5 or words[0] not in ("tcp", "udp"):
        return None
    text, _colon, port = words[4].rpartition(":")
    address = text.partition("%")[0].strip("[]")
    if not port.isdigit():
        return None
    if address in _EVERY:
        return Listener(words[0], None, int(port))
    try:
        return Listener(
            words[0], IPv4Address(address[len(_MAPPED) :] if address.startswith(_MAPPED) else address), int(port)
        )
    except ValueError:
        return None


def taken(
    request: Request, forward: Forward, listeners: Iterable[Listener], spared: Sequence[int]
) -> Iterator[Listener]:
    """Return the programs that would get no more packets to the public address.

    :param spared: the ports that a forward may take.
    """
    for one in listeners:
        is_there = one.address in (None, request.public_address) and one.port not in spared
        if is_there and one.protocol == forward.protocol and forward.ports.overlaps(Ports(one.port, one.port)):
            yield one
