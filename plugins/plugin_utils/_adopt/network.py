# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The public address of a site, the network of its guests, and which of the host's forwards are for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network
from typing import Any, NamedTuple

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import ForwardError, parse_request
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.address import ipv4_address

from .model import System

WEB = ("80", "443")
USUAL_NETWORK = "192.168.122.0/24"
# Whatever the address is, forwards can be judged.
_ANY_PUBLIC = "192.0.2.1"

Forward = Mapping[str, str]


class Source(NamedTuple):
    """A value, and who shows it."""

    value: str
    shown_by: str


def covers(ports: str, port: int | str) -> bool:
    """Whether a port is one of these ports, such as "443" or "10000-10010"."""
    first, _dash, last = ports.partition("-")
    return first.isdigit() and int(first) <= int(port) <= int(last or first)


def inner(one: Forward) -> str:
    """The guest's ports of a forward."""
    return one["to_port"] or one["port"]


def public_sources(system: System) -> list[Source]:
    """Who shows which public address. The first one counts."""
    refused = refused_sources(system)
    return [one for one in _shown(system) if one not in refused]


def refused_sources(system: System) -> list[Source]:
    """Who shows an address that a run would refuse as the public one."""
    network = guests_network(system)
    return [one for one in _shown(system) if refusal(one.value, network, ())]


def public_address(system: System) -> str:
    """The public address, empty if nobody shows it."""
    return next((one.value for one in public_sources(system)), "")


def refusal(public: str, network: str, forwards: Sequence[Mapping[str, Any]]) -> str:
    """Why a run would refuse these values; empty if it takes them.

    :param public: the public address, empty if it is not known.
    """
    request = {"name": "jitsi", "public_address": public or _ANY_PUBLIC, "network": network, "forwards": forwards}
    try:
        parse_request(request)
    except ForwardError as error:
        return str(error)
    return ""


def _shown(system: System) -> list[Source]:
    host, guests = system.host, {*system.jitsi.addresses, *system.proxy.addresses}
    rules = [one for one in system.forwards if one["to"] in guests and ipv4_address(one["public_address"])]
    # The site's own ports tell more than those of other services on the same machines.
    rules = [one for one in rules if _is_of_site(one, system)] or rules
    mappings = [str(pair["public"]) for pair in system.bridge["mappings"]]
    found = [
        *(Source(one["public_address"], f"the DNAT rule for {_name(one)} on {host.machine}") for one in rules),
        *(Source(each, f"the videobridge on {system.jitsi.machine}") for each in mappings if ipv4_address(each)),
    ]
    own = [address for address in host.addresses if IPv4Address(address).is_global]
    return found or [Source(address, f"{host.machine} itself") for address in own]


def guests_network(system: System) -> str:
    """The host's network that the site's forwards lead to, or that most guests are in; the usual one without such."""
    guests = [*system.jitsi.addresses, *system.proxy.addresses]
    public = next((one["public_address"] for one in system.forwards if _is_of_guest(one, guests, system)), "")
    goals = [one["to"] for one in system.forwards if _is_of_site(one, system) and is_for(one, public, system)]

    def rank(interface: Mapping[str, str]) -> tuple[int, int]:
        network = IPv4Network(interface["network"])
        # Docker gives each machine a network of its own, with the same addresses.
        known = [] if interface["address"] in guests else guests
        return _count(goals, network), _count(known, network)

    best = max(system.host.interfaces, key=rank, default=None)
    return USUAL_NETWORK if best is None or rank(best) == (0, 0) else best["network"]


def _is_of_guest(one: Forward, guests: Sequence[str], system: System) -> bool:
    return one["to"] in guests and ipv4_address(one["public_address"]) and _is_of_site(one, system)


def _count(addresses: Sequence[str], network: IPv4Network) -> int:
    return sum(IPv4Address(address) in network for address in addresses)


def _is_of_site(one: Forward, system: System) -> bool:
    """Whether a forward has a port that every site needs."""
    if one["protocol"] == "tcp":
        return one["port"] in WEB
    return covers(inner(one), system.bridge["port"] or 10000)


def _name(one: Forward) -> str:
    return f"{one['protocol']}/{one['port']}"


def is_for(one: Forward, public: str, system: System) -> bool:
    """Whether a forward takes the packets to an address, as far as can be told."""
    address, interface = one["public_address"], one["interface"]
    if public and address and IPv4Address(public) not in IPv4Network(address, strict=False):
        return False
    devices = [each["device"] for each in system.host.interfaces if each["address"] == public]
    pattern = f"{interface[:-1]}*" if interface.endswith("+") else interface
    return not interface or not devices or any(fnmatchcase(device, pattern) for device in devices)
