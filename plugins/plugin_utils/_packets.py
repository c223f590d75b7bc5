# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name the packets that a site needs, at each of its machines."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any, Iterable, Mapping

Packet = Mapping[str, Any]

#: A port of a client, and one of whoever a guest asks.
CLIENT_PORT, ASKED_PORT = 50000, 80
FROM_OUTSIDE, REPLIES, SENT = "{way} from outside", "replies to {way}", "what its guests send out"


def stranger(public_address: str) -> str:
    """Return an address that is not the host's, and that comes in where the host's address is.

    Only rules are asked about it. No packet is sent there.
    """
    number = int(IPv4Address(public_address))
    return str(IPv4Address(number ^ 1))


def at_host(forwards: Iterable[Mapping[str, Any]], public_address: str, has_snat: bool) -> dict[str, Any]:
    """Return ``packets``, and ``wanted``, where those from outside must go.

    :param has_snat: whether the host gives its guests another address outside.
    """
    client = stranger(public_address)
    packets: list[Packet] = []
    wanted: dict[str, str] = {}
    guests: dict[str, None] = {}
    for forward in forwards:
        way, port, to_port = _way(forward), _first(forward["port"]), _first(forward.get("to_port") or forward["port"])
        protocol, guest = str(forward["protocol"]), str(forward["to"])
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
        packets.append(_packet(SENT, "snat", "tcp", guest, client, ASKED_PORT))
        packets.append(_packet(SENT, "forward", "tcp", guest, client, ASKED_PORT))
    return {"packets": packets, "wanted": wanted}


def at_guest(forwards: Iterable[Mapping[str, Any]], public_address: str, address: str) -> list[Packet]:
    """Return the packets that come in at a guest, and their answers."""
    client = stranger(public_address)
    packets: list[Packet] = []
    for forward in forwards:
        if str(forward["to"]) == address:
            way, port = _way(forward), _first(forward.get("to_port") or forward["port"])
            packets += _in_and_out(way, str(forward["protocol"]), client, address, port)
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
