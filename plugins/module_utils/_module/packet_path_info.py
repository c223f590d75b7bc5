# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module packet_path_info."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import AbstractSet, Any, Mapping, Sequence

from ansible.module_utils.basic import AnsibleModule

from .._core.packets.packet import HOOKS, PROTOCOLS, STATES, Packet, on_its_way, parse_packet
from .._core.packets.verdict import judge_packet
from .._shell.arguments import refuse_nul
from .._shell.commands import run
from .._shell.module import finish
from .._shell.packets import look

KIND = AnsibleModule

PACKET = {
    "name": {"type": "str", "required": True},
    "hook": {"type": "str", "required": True, "choices": list(HOOKS)},
    "protocol": {"type": "str", "required": True, "choices": list(PROTOCOLS)},
    "source": {"type": "str", "required": True},
    "destination": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "source_port": {"type": "int"},
    "in_interface": {"type": "str", "default": ""},
    "out_interface": {"type": "str", "default": ""},
    "state": {"type": "str", "choices": list(STATES), "default": "new"},
    "translated": {"type": "bool", "default": False},
}
OPTIONS = {"packets": {"type": "list", "elements": "dict", "required": True, "options": PACKET}}


def parse_packets(options: Sequence[Mapping[str, Any]], local: AbstractSet[IPv4Address] = frozenset()) -> list[Packet]:
    """Return the packets that the option ``packets`` means, or raise PacketError."""
    return [parse_packet(option, f"packets[{index}]", local) for index, option in enumerate(options)]


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Follow each packet through the rules, and return what becomes of it."""
    parse_packets(module.params["packets"])
    packets = parse_packets(module.params["packets"], look.read_addresses(run))
    devices = look.read_devices(run, [address for packet in packets for address in (packet.source, packet.destination)])
    packets = [on_its_way(packet, devices) for packet in packets]
    chains = look.read_chains(run)
    return {"changed": False, "results": [judge_packet(packet, chains) for packet in packets]}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    finish(module, run_module)
