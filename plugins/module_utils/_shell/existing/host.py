# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the addresses of a machine, and the forwards that it has."""

from __future__ import annotations

import json
from dataclasses import asdict
from ipaddress import IPv4Address, IPv4Interface
from typing import Any, Mapping, Sequence

from ..._core.forwards.translations import Translation, own_of_nftables, read_table
from ..._core.packets.iptables_rules import tables
from ..._core.packets.packet import on_its_way
from ..._core.packets.restriction import ANYBODY, Filter, last_port, packet_to, restriction_of
from ..commands import Runner, call
from ..packets.look import read_devices, read_iptables, read_nftables


def read_interfaces(run: Runner) -> list[dict[str, Any]]:
    """The IPv4 addresses of the machine, each with its network and its device.

    :raises CommandError: if they cannot be read.
    """
    listing = call(run, ["ip", "-json", "-4", "address", "show"], "", "read the machine's addresses", "iproute2")
    found = []
    for link in json.loads(listing or "[]"):
        for entry in link.get("addr_info", ()):
            interface = IPv4Interface(f"{entry['local']}/{entry['prefixlen']}")
            if not interface.ip.is_loopback:
                network = str(interface.network)
                found.append({"address": str(interface.ip), "network": network, "device": str(link.get("ifname", ""))})
    return found


def read_forwards(run: Runner, interfaces: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The forwards in the rules of iptables, in both variants, and what cannot be told of the rules.

    :param interfaces: what read_interfaces returned.
    :raises CommandError: if they cannot be read.
    """
    saved = read_iptables(run)
    read = [read_table(text) for text in saved.values()]
    ruleset, _listing = read_nftables(run)
    translations = [one for table in read for one in table.translations]
    return {
        "forwards": _with_restrictions(run, interfaces, translations, list(map(Filter.of, saved.values()))),
        "unread": [rule for table in read for rule in table.unread],
        "owners": [owner for table in read for owner in table.owners],
        "nftables": own_of_nftables(ruleset, tables("\n".join(saved.values()))),
    }


def _with_restrictions(
    run: Runner,
    interfaces: Sequence[Mapping[str, Any]],
    translations: Sequence[Translation],
    filters: Sequence[Filter],
) -> list[dict[str, Any]]:
    """The forwards, each with the rule of FORWARD because of which it is for some senders alone."""
    if not translations:
        return []
    own = {one["address"]: one["device"] for one in interfaces}
    devices = read_devices(run, [ANYBODY, *(IPv4Address(one.to) for one in translations)])
    found = []
    for one in translations:
        link = "" if one.interface.endswith("+") else one.interface
        packet = packet_to(one, link or own.get(one.public_address) or None)
        rule = "" if one.source else restriction_of(filters, on_its_way(packet, devices), last_port(one))
        found.append({**asdict(one), "restriction": rule})
    return found
