# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the bridges of a site are reached: each has a UDP port of its own behind an address that they share."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.bridge.names import MEDIA_PORT
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.bridge.websockets import claimed_id
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.text import parse_path

PORT = 10000


def bridges_of(machines: Sequence[tuple[str, Mapping[str, Any]]], public_address: str) -> list[dict[str, Any]]:
    """The bridges on further machines, as the inventory says them, with what follows where it does not.

    :param machines: names and variables, in the order of the inventory.
    :param public_address: the host's; behind it stands the Jitsi machine's own bridge on port 10000.
    :return: for each name, local_address, public_addresses, port, the server_id that the URLs of its WebSockets would
        have, and the forwards that the host needs for it.
        One that shall be absent keeps its place, so that the ports of those behind it stay, and needs no forward.
    """
    return [_bridge(name, said, public_address, PORT + number) for number, (name, said) in enumerate(machines, 1)]


def _bridge(name: str, said: Mapping[str, Any], public_address: str, next_port: int) -> dict[str, Any]:
    addresses = said.get("videobridge_public_addresses", [public_address])
    addresses = [str(address) for address in addresses] if isinstance(addresses, (list, tuple)) else [str(addresses)]
    usual = next_port if public_address in addresses else PORT
    local_address = str(said.get("videobridge_local_address", ""))
    port = said.get("videobridge_port", usual)
    state = str(said.get("videobridge_state", "present"))
    forward = {"protocol": "udp", "port": port, "to": local_address}
    return {
        "name": name,
        "local_address": local_address,
        "public_addresses": addresses,
        "port": port,
        "server_id": claimed_id(str(said.get("videobridge_muc_nickname", name)), *_settings(said)),
        # Without an address the role says what is missing.
        "forwards": [forward] if local_address and public_address in addresses and state != "absent" else [],
        "state": state,
    }


def _settings(said: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], ...]:
    """The user's settings of jvb.conf and of the properties; what is none is left to the role, which names it."""
    lists = (said.get(f"videobridge_{kind}") for kind in ("hocon", "properties"))
    return tuple(
        [item for item in items if isinstance(item, Mapping) and item.get("key")] if isinstance(items, list) else []
        for items in lists
    )


def port_conflicts(settings: Mapping[str, Sequence[Mapping[str, Any]]], port: int) -> list[str]:
    """A sentence for each setting by which the bridge would have another port than the one that is forwarded.

    :param settings: the user's settings of the bridge's files, by the variable that holds them.
    :param port: the forwarded port.
    """
    found = []
    for variable, items in settings.items():
        for item in items:
            said = _port_in(item)
            if said is not None and str(said) != str(port):
                found.append(f"{variable}: {item['key']} sets the bridge port to {said} instead of {port}")
    return found


def _port_in(setting: Mapping[str, Any]) -> Any:
    """The port that follows from a setting, or None where it says nothing of it."""
    old, path, usual = MEDIA_PORT
    key, gone = str(setting.get("key")), setting.get("state", "present") != "present"
    if key == old:
        return usual if gone else setting.get("value")
    names, wanted = parse_path(key), parse_path(path)
    if names != wanted[: len(names)]:
        return None
    value = None if gone else setting.get("value")
    # A setting above the port's stands for all that is below it.
    for name in wanted[len(names) :]:
        value = value.get(name) if isinstance(value, Mapping) else None
    return usual if value is None else value


def conflicts(bridges: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence for each thing that two bridges claim and only one can have.

    :param bridges: name, port, mappings as ``LOCAL -> PUBLIC``, and rooms as room@host/name, as each bridge reads them;
        of one with WebSockets also server_id.
    """
    found: list[str] = []
    owners: dict[str, str] = {}
    for bridge in bridges:
        claims = [f"udp/{bridge['port']} of {pair.rpartition(' -> ')[2]}" for pair in bridge["mappings"]]
        claims += [
            f"the name {room.rpartition('/')[2]} in {room.partition('/')[0].lower()}" for room in bridge["rooms"]
        ]
        claims += [f"WebSockets below /colibri-ws/{bridge['server_id']}/"] if bridge.get("server_id") else []
        for claim in dict.fromkeys(claims):
            if claim in owners:
                found.append(f"{owners[claim]} and {bridge['name']} both claim {claim}")
            owners.setdefault(claim, bridge["name"])
    return found


def forwards_with(
    forwards: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Forwards, and those wanted ones that are not among them yet.

    A port that leads somewhere else is added all the same, for it has to be refused and not passed over.
    """
    return list(forwards) + [one for one in wanted if not any(_covers(other, one) for other in forwards)]


def _covers(forward: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    if str(forward.get("protocol")).lower() != wanted["protocol"] or forward.get("to") != wanted["to"]:
        return False
    there, here = _ports(forward.get("port", "")), _ports(wanted["port"])
    return bool(there and here) and there[0] <= here[0] and here[1] <= there[1]


def _ports(value: Any) -> tuple[int, ...]:
    """The first and the last port, or nothing for what is none."""
    first, dash, last = str(value).partition("-")
    numbers = (first, last if dash else first)
    return tuple(int(number) for number in numbers) if all(number.isdigit() for number in numbers) else ()
