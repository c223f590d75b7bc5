# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""Where the bridges of a site are reached: each has a UDP port of its own behind an address that they share."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

PORT = 10000


def bridges_of(machines: Sequence[tuple[str, Mapping[str, Any]]], public_address: str) -> list[dict[str, Any]]:
    """The bridges on further machines, as the inventory says them, with what follows where it does not.

    :param machines: names and variables, in the order of the inventory.
    :param public_address: the host's; behind it stands the Jitsi machine's own bridge on port 10000.
    :return: for each name, local_address, public_addresses and port.
    """
    return [_bridge(name, said, public_address, PORT + number) for number, (name, said) in enumerate(machines, 1)]


def _bridge(name: str, said: Mapping[str, Any], public_address: str, next_port: int) -> dict[str, Any]:
    addresses = said.get("videobridge_public_addresses", [public_address])
    addresses = [str(address) for address in addresses] if isinstance(addresses, (list, tuple)) else [str(addresses)]
    usual = next_port if public_address in addresses else PORT
    return {
        "name": name,
        "local_address": str(said.get("videobridge_local_address", "")),
        "public_addresses": addresses,
        "port": said.get("videobridge_port", usual),
    }


def forwards_with(
    forwards: Sequence[Mapping[str, Any]], bridges: Sequence[Mapping[str, Any]], public_address: str
) -> list[Mapping[str, Any]]:
    """Forwards, and those to the bridges behind the same address that are not among them yet.

    A port that leads somewhere else is added all the same, for it has to be refused and not passed over.
    """
    result = list(forwards)
    for bridge in bridges:
        if public_address in bridge["public_addresses"] and not any(_leads(one, bridge) for one in forwards):
            result.append({"protocol": "udp", "port": bridge["port"], "to": bridge["local_address"]})
    return result


def _leads(forward: Mapping[str, Any], bridge: Mapping[str, Any]) -> bool:
    if str(forward.get("protocol")).lower() != "udp" or forward.get("to") != bridge["local_address"]:
        return False
    first, dash, last = str(forward.get("port", "")).partition("-")
    numbers = [first, last if dash else first, str(bridge["port"])]
    return all(number.isdigit() for number in numbers) and int(numbers[0]) <= int(numbers[2]) <= int(numbers[1])
