# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name the packets that a site needs, at each of its machines."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, ip_network
from typing import Any, Iterable, Mapping

Packet = Mapping[str, Any]

#: A port of a client, and one of whoever a guest asks.
CLIENT_PORT, ASKED_PORT = 50000, 80
FROM_OUTSIDE, REPLIES, SENT = "{way} from outside", "replies to {way}", "what its guests send out"


@dataclass(frozen=True)
class Outside:
    """Who may ask from outside. Only rules are asked about these addresses. No packet is sent there.

    :param public_address: the address to which the packets go.
    :param others: further public addresses of the site, which are nobody's outside.
    """

    public_address: str
    others: tuple[str, ...] = ()

    def client(self, forward: Mapping[str, Any] | None = None) -> str:
        """Return a neighbour of the public address, or whom a forward lets in: the first address of its sources."""
        sources = (forward or {}).get("sources") or []
        if sources:
            network = ip_network(str(sources[0]), strict=False)
            return str(network[min(1, network.num_addresses - 1)])
        number, own = int(IPv4Address(self.public_address)), {self.public_address, *self.others}
        neighbours = (str(IPv4Address(number ^ step)) for step in range(1, 256))
        return next(address for address in neighbours if address not in own)


def at_host(forwards: Iterable[Mapping[str, Any]], outside: Outside, has_snat: bool) -> dict[str, Any]:
    """Return ``packets``, and ``wanted``, where those from outside must go.

    :param has_snat: whether the host gives its guests another address outside.
    """
    packets: list[Packet] = []
    wanted: dict[str, str] = {}
    guests: dict[str, None] = {}
    for forward in forwards:
        way, port, to_port = _way(forward), _first(forward["port"]), _first(forward.get("to_port") or forward["port"])
        protocol, guest = str(forward["protocol"]), str(forward["to"])
        client, public_address = outside.client(forward), outside.public_address
        guests[guest] = None
        wanted[f"{way} to {guest}"] = f"{guest}:{to_port}"
        there = _packet(FROM_OUTSIDE.format(way=way), "forward", protocol, client, guest, to_port)
        back = _packet(REPLIES.format(way=way), "forward", protocol, guest, client, CLIENT_PORT, source_port=to_port)
        packets += [
            _packet(f"{way} to {guest}", "dnat", protocol, client, public_address, port),
            _packet(FROM_OUTSIDE.format(way=way), "prerouting", protocol, client, public_address, port),
            {**there, "translated": True},
            {**back, "state": "established", "translated": True},
        ]
    for guest in guests if has_snat else ():
        packets.append(_packet(SENT, "snat", "tcp", guest, outside.client(), ASKED_PORT))
        packets.append(_packet(SENT, "forward", "tcp", guest, outside.client(), ASKED_PORT))
    return {"packets": packets, "wanted": wanted}


def at_guest(forwards: Iterable[Mapping[str, Any]], outside: Outside, address: str) -> list[Packet]:
    """Return the packets that come in at a guest, and their answers."""
    packets: list[Packet] = []
    for forward in forwards:
        if str(forward["to"]) == address:
            way, port = _way(forward), _first(forward.get("to_port") or forward["port"])
            packets += _in_and_out(way, str(forward["protocol"]), outside.client(forward), address, port)
    return packets


def between(protocol: str, port: int, source: str, name: str, address: str) -> list[Packet]:
    """Return the packets that one machine of the site sends to another, at the other one, and their answers."""
    come, go = _in_and_out(f"{protocol}/{port}", protocol, source, address, port)
    return [{**come, "name": f"{protocol}/{port} from {name}"}, {**go, "name": f"replies to {name}"}]


def _in_and_out(way: str, protocol: str, client: str, address: str, port: int) -> list[dict[str, Any]]:
    back = _packet(REPLIES.format(way=way), "output", protocol, address, client, CLIENT_PORT, source_port=port)
    come = _packet(FROM_OUTSIDE.format(way=way), "input", protocol, client, address, port)
    return [come, {**back, "state": "established"}]


def _way(forward: Mapping[str, Any]) -> str:
    return f"{forward['protocol']}/{forward['port']}"


def _first(ports: object) -> int:
    return int(str(ports).replace(":", "-").partition("-")[0])


def _packet(
    name: str, hook: str, protocol: str, source: str, destination: str, port: int, **more: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "hook": hook,
        "protocol": protocol,
        "source": source,
        "destination": destination,
        "port": port,
        **more,
    }
