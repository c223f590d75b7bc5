# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs of the host itself that wait for packets on a port: a forward would lead them to a guest."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Iterable, Iterator, Sequence

from .request import Forward, Ports, Request

#: The program that shows them, without resolving names.
SHOW = ["ss", "-Hnltup"]
#: The kernel's range of ports for programs that ask for any.
EPHEMERAL = ["sysctl", "--values", "net.ipv4.ip_local_port_range"]
_EVERY = ("*", "0.0.0.0")
_MAPPED = "::ffff:"
# Links inside the host, by which no packet from outside comes.
INNER_LINKS = ("lo", "virbr", "vnet", "docker", "br-", "veth", "cni", "podman", "lxdbr", "lxcbr", "incusbr")
#: How a socket's owner is shown. The kernel's own, such as WireGuard's, have none.
_OWNED = "users:("


@dataclass(frozen=True)
class Listener:
    """A port on which a program waits.

    :param protocol: ``tcp`` or ``udp``.
    :param address: the address on which it waits; None for each of the host's.
    :param may_ask: whether it may have asked a question, such as to the DNS, and wait for the answer only.
    """

    protocol: str
    address: IPv4Address | None
    port: int
    may_ask: bool = False


def parse(listing: str, ephemeral: str = "") -> tuple[Listener, ...]:
    """Read what SHOW prints. Programs that wait on IPv6 or on an inner link alone are left out.

    :param ephemeral: what EPHEMERAL prints. A UDP port in this range is often that of a question.
    """
    limits = [int(word) for word in ephemeral.split()]
    passing = Ports(limits[0], limits[1]) if len(limits) == 2 else None
    return tuple(dict.fromkeys(one for line in listing.split("\n") for one in _read(line, passing)))


def _read(line: str, passing: Ports | None) -> Iterator[Listener]:
    words = line.split()
    if len(words) < 5 or words[0] not in ("tcp", "udp"):
        return
    text, _colon, number = words[4].rpartition(":")
    address, _percent, link = text.partition("%")
    if not number.isdigit() or link.startswith(INNER_LINKS):
        return
    port = int(number)
    is_passing = words[0] == "udp" and passing is not None and passing.overlaps(Ports(port, port))
    try:
        yield Listener(words[0], _address(address.strip("[]")), port, is_passing and _OWNED in line)
    except ValueError:
        return


def _address(text: str) -> IPv4Address | None:
    if text in _EVERY:
        return None
    return IPv4Address(text[len(_MAPPED) :] if text.startswith(_MAPPED) else text)


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
