# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of a site, each of which several machines show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.address import ipv4_address

from .model import Findings, Remark, Seen, Setting, System
from .network import (
    Source,
    covers,
    guests_network,
    is_for,
    public_address,
    public_sources,
    refused_sources,
)

PUBLIC, NETWORK = "nat_host_public_address", "nat_host_network"
PROXY, LOCAL = "reverse_proxy_address", "jitsi_meet_local_address"


def decide_addresses(system: System) -> Findings:
    """Return the public address, the guests' network and the guests' addresses."""
    findings = Findings()
    host, proxy, jitsi = system.host, system.proxy, system.jitsi
    network = guests_network(system)
    mapped = [str(pair["local"]) for pair in system.bridge["mappings"]]
    local = [
        *_own(jitsi, network, system),
        *(Source(each, f"the videobridge on {jitsi.machine}") for each in mapped if ipv4_address(each)),
        *_targets(system, "udp", int(system.bridge["port"] or 10000)),
    ]
    front = [
        *_own(proxy, network, system),
        *_targets(system, "tcp", 443),
        *_targets(system, "tcp", 80),
    ]
    _take(findings, PUBLIC, public_sources(system), host.machine)
    is_shown = network in [one["network"] for one in host.interfaces]
    comment = f"As {host.machine} itself shows" if is_shown else "The usual network of libvirt, as no machine shows it"
    findings.settings.append(Setting(NETWORK, network, comment))
    for name, sources, machine in ((PROXY, front, proxy.machine), (LOCAL, local, jitsi.machine)):
        inside = [one for one in sources if IPv4Address(one.value) in IPv4Network(network)]
        # The roles refuse an address outside the network.
        findings.remarks += [] if inside else _outside(name, sources, network, machine)
        _take(findings, name, [*inside, *(one for one in sources if inside and one not in inside)], machine)
    findings.remarks += _unfit(system)
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


def _own(guest: Seen, network: str, system: System) -> list[Source]:
    """A guest's first address in the network; not one that the host has, too."""
    inside = (one for one in guest.addresses if IPv4Address(one) in IPv4Network(network))
    return [Source(one, f"{guest.machine} itself") for one in inside if one not in system.host.addresses][:1]


def _outside(name: str, sources: Sequence[Source], network: str, machine: str) -> Iterator[Remark]:
    for one in dict.fromkeys(sources):
        what = f"{one.shown_by} says {one.value}, which is not in {network}"
        yield Remark(machine, what, f"Correct {NETWORK} if it is wrong, and write {name} into the inventory", name)


def _targets(system: System, protocol: str, port: int) -> list[Source]:
    """The guests that rules of the host lead a port of the public address to."""
    public = public_address(system)
    found = [one for one in system.forwards if one["protocol"] == protocol and is_for(one, public, system)]
    return [
        Source(one["to"], f"the DNAT rule for {protocol}/{one['port']} on {system.host.machine}")
        for one in found
        if covers(one["port"], port)
    ]


def _unfit(system: System) -> Iterator[Remark]:
    """What is no public address, and the mappings of the bridge that are no addresses at all."""
    for one in dict.fromkeys(refused_sources(system)):
        what = f"{one.shown_by} says {one.value}, which cannot be a public address of this host"
        yield Remark(system.host.machine, what, f"See that {PUBLIC} is right", PUBLIC)
    for pair in system.bridge["mappings"]:
        for key, name in (("local", LOCAL), ("public", PUBLIC)):
            if not ipv4_address(str(pair[key])):
                yield Remark(
                    system.jitsi.machine,
                    f"The videobridge has {str(pair[key])!r} as its {key} address, which is no IPv4 address",
                    f"See that {name} is right; the first run writes it to the videobridge",
                    name,
                )


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
