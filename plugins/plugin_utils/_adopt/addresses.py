# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of a site, each of which several machines show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from .model import Findings, Remark, Setting, System

PUBLIC, NETWORK = "nat_host_public_address", "nat_host_network"
PROXY, LOCAL = "reverse_proxy_address", "jitsi_meet_local_address"
_USUAL_NETWORK = "192.168.122.0/24"


class Source(NamedTuple):
    """A value, and who shows it."""

    value: str
    shown_by: str


def decide_addresses(system: System) -> Findings:
    """Return the public address, the guests' network and the guests' addresses."""
    findings = Findings()
    host, proxy, jitsi = system.host, system.proxy, system.jitsi
    network = _network(system)
    local = [
        *(Source(address, f"{jitsi.machine} itself") for address in [jitsi.address_in(network)] if address),
        *(Source(pair["local"], f"the videobridge on {jitsi.machine}") for pair in system.bridge["mappings"]),
        *_targets(system, "udp", str(system.bridge["port"] or 10000)),
    ]
    front = [
        *(Source(address, f"{proxy.machine} itself") for address in [proxy.address_in(network)] if address),
        *_targets(system, "tcp", "443"),
        *_targets(system, "tcp", "80"),
    ]
    _take(findings, PUBLIC, _public(system), host.machine)
    _take(findings, NETWORK, [Source(network or _USUAL_NETWORK, f"{host.machine} itself")], host.machine)
    _take(findings, PROXY, front, proxy.machine)
    _take(findings, LOCAL, local, jitsi.machine)
    _judge_public(findings, system)
    return findings


def _take(findings: Findings, name: str, sources: Sequence[Source], machine: str) -> None:
    """Take the first source; name those that contradict it."""
    if not sources:
        findings.settings.append(Setting(name, "", "No machine shows this address", is_open=True))
        findings.remarks.append(Remark(machine, f"{name} cannot be told", "Write the address into the inventory", name))
        return
    first = sources[0]
    findings.settings.append(Setting(name, first.value, f"As {first.shown_by} shows"))
    for other in dict.fromkeys(source for source in sources if source.value != first.value):
        what = f"{first.shown_by} says {first.value}, but {other.shown_by} says {other.value}"
        findings.remarks.append(Remark(machine, what, f"Check which is right, and correct {name} if it is wrong", name))


def _network(system: System) -> str:
    """The host's network that both guests, or one of them, are in; not one that the host itself reaches others by."""
    guests = [*system.jitsi.addresses, *system.proxy.addresses]
    inside = {one["network"]: _count(guests, one["network"]) for one in system.host.interfaces}
    best = max(inside, key=lambda network: inside[network], default="")
    return best if inside.get(best) else ""


def _count(addresses: Iterable[str], network: str) -> int:
    return sum(IPv4Address(address) in IPv4Network(network) for address in addresses)


def _targets(system: System, protocol: str, port: str) -> list[Source]:
    """The guests that rules of the host lead a public port to."""
    found = [one for one in system.forwards if one["protocol"] == protocol and one["port"] == port]
    return [Source(one["to"], f"the DNAT rule for {protocol}/{port} on {system.host.machine}") for one in found]


def _public(system: System) -> list[Source]:
    guests = {*system.jitsi.addresses, *system.proxy.addresses}
    ours = [one for one in system.forwards if one["to"] in guests and one["public_address"]]
    rules = [
        Source(one["public_address"], f"the DNAT rule for {one['protocol']}/{one['port']} on {system.host.machine}")
        for one in ours
        if "/" not in one["public_address"]
    ]
    bridge = [
        Source(pair["public"], f"the videobridge on {system.jitsi.machine}") for pair in system.bridge["mappings"]
    ]
    own = [
        Source(address, f"{system.host.machine} itself")
        for address in system.host.addresses
        if IPv4Address(address).is_global
    ]
    return [*rules, *bridge] or own


def _judge_public(findings: Findings, system: System) -> None:
    """Whether the host has the address itself."""
    public = findings.value(PUBLIC)
    if public is None or public in system.host.addresses:
        return
    name = "nat_host_public_address_elsewhere"
    comment = f"{system.host.machine} has no interface with {public}"
    findings.settings.append(Setting(name, True, comment))
    remedy = f"See that a router passes packets to {public} unchanged to the host; else correct {PUBLIC}"
    findings.remarks.append(Remark(system.host.machine, comment, remedy, name))
