# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who else has the packets of a forward: another owner, a program such as docker, or a service of the host itself.

Only one of them gets the packets. Whoever gets them today keeps them: a request for the same is refused. What another
program added later, below a forward that works, is named in a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Iterable, Iterator, Mapping, Sequence

from .listeners import Listener, taken
from .request import Forward, Ports, Request, share_packets
from .rule_text import Rule, read

#: The rules of each chain of the table nat, as iptables-save prints them.
Chains = Mapping[str, Sequence[str]]

_OWNER = re.compile(r"PF-(.+)-DNAT\Z")
TAKING = ("DNAT", "REDIRECT", "NETMAP")
_KNOWN = {"-s", "-d", "-i", "-p", "--dport", "--dst-type"}
# Links inside the host, by which no packet from outside comes.
_INNER_LINKS = ("lo", "virbr", "vnet", "docker", "br-", "veth", "cni", "podman", "lxdbr", "lxcbr", "incusbr")
_PROGRAMS = {"DOCKER": "docker", "CNI-": "podman", "NETAVARK": "podman", "KUBE-": "kubernetes"}
_DEPTH = 8


@dataclass(frozen=True)
class Conflict:
    """Somebody else who leads packets of a forward somewhere.

    :param text: who, and which packets, as a sentence.
    :param refused: whether the request has to be refused.
    :param remedy: what to do about it, as a sentence without its full stop.
    """

    text: str
    refused: bool
    remedy: str = "Remove the other rule, or use another port, or use sources that do not overlap"


@dataclass(frozen=True)
class Neighbour:
    """Rules beside those of the iptables in use that lead packets somewhere, too.

    :param program: whose they are.
    :param chains: its chains, with rules in the form of iptables-save.
    :param is_first: whether packets get to them before they get to the iptables in use.
    """

    program: str
    chains: Chains
    is_first: bool = False


@dataclass(frozen=True)
class Others:
    """Whoever else may have the packets, beside the rules of the iptables in use.

    :param requests: what other owners asked for that comes back after a boot.
    :param neighbours: tables of other programs.
    :param listeners: programs of the host itself that wait for packets.
    :param spared: ports of them that a forward may take.
    :param elsewhere: whether the public address is none of the host's own.
    """

    requests: Sequence[Request] = ()
    neighbours: Sequence[Neighbour] = ()
    listeners: Sequence[Listener] = ()
    spared: Sequence[int] = ()
    elsewhere: bool = False


@dataclass(frozen=True)
class _Claim:
    """A rule of another program that leads packets somewhere.

    :param line: the rule.
    :param path: what packets must be on the way to it, and for it.
    :param is_first: whether it stands above the own rules.
    :param program: whose it is.
    """

    line: str
    path: tuple[Rule, ...]
    is_first: bool
    program: str


def find(request: Request, chains: Chains, others: Others = Others()) -> Iterator[Conflict]:
    """Return what somebody else does with packets that the request asks for.

    :param chains: those of the table nat of the iptables in use.
    """
    every = [*_claims(request, chains), *(claim for one in others.neighbours for claim in _claims_beside(one))]
    claims = [claim for claim in every if all(_has_address(rule, request, others.elsewhere) for rule in claim.path)]
    in_force = _in_force(request, chains)
    owners = [pair for one in (chains, *(one.chains for one in others.neighbours)) for pair in _owners(request, one)]
    for index, forward in enumerate(request.forwards):
        what = f"{forward.protocol} port {forward.ports} of {request.public_address} (forwards[{index}])"
        names = {name for name, rule in owners if concerns(rule, forward)}
        names |= {other.name for other in others.requests if _asks_for(other, request, forward)}
        for name in sorted(names):
            yield Conflict(f"the owner {name!r} also forwards {what}, and only one of the two gets the packets", True)
        for claim in claims:
            if all(concerns(rule, forward) for rule in claim.path) and not _leads_to(claim, forward):
                yield _conflict(claim, what, _works(claim, forward, in_force), _is_of_guests(claim, request))
        for one in () if others.elsewhere else taken(request, forward, others.listeners, others.spared):
            # A program that has lost its packets long ago is nobody's surprise.
            if not _have_all(in_force, forward.protocol, Ports(one.port, one.port), forward.sources):
                yield _of_host(one, what)


def _of_host(listener: Listener, what: str) -> Conflict:
    address = listener.address or "every address"
    return Conflict(
        f"a program of this host listens on {listener.protocol} port {listener.port} of {address} ('ss --listening"
        f" --processes' shows it), and the forward of {what} would cut it off",
        True,
        "Stop the program, or use another port, or set allow_listening to true",
    )


def _in_force(request: Request, chains: Chains) -> list[Rule]:
    """Return the own rules that lead packets to the public address somewhere now."""
    own = f"PF-{request.name}-DNAT"
    if own not in (read(line).target for line in chains.get("PREROUTING", ())):
        return []
    return [rule for rule in map(read, chains.get(own, ())) if _has_address(rule, request)]


def _works(claim: _Claim, forward: Forward, in_force: Sequence[Rule]) -> bool:
    """Whether own rules have all the packets now that the forward and another rule would share."""
    _negated, network = network_of(claim.path[-1], "-s")
    ports = _shared_ports(claim.path[-1], forward.ports)
    shared = (
        source if source.subnet_of(network) else network for source in forward.sources if source.overlaps(network)
    )
    return _have_all(in_force, forward.protocol, ports, shared)


def _shared_ports(rule: Rule, ports: Ports) -> Ports:
    negated, ranges = ports_of(rule)
    if negated or len(ranges) > 1:
        return ports
    return Ports(max(ports.first, ranges[0].first), min(ports.last, ranges[0].last))


def _have_all(rules: Sequence[Rule], protocol: str, ports: Ports, sources: Iterable[IPv4Network]) -> bool:
    """Whether own rules have all packets of a protocol from some networks to some ports."""
    return all(any(_has_all(rule, protocol, ports, source) for rule in rules) for source in sources)


def _has_all(rule: Rule, protocol: str, ports: Ports, source: IPv4Network) -> bool:
    """Whether an own rule has all packets of a protocol from a network to some ports."""
    if rule.conditions.get("-p") != protocol:
        return False
    negated, ranges = ports_of(rule)
    _negated, network = network_of(rule, "-s")
    return not negated and _lies_in(ports, ranges) and source.subnet_of(network)


def _is_of_guests(claim: _Claim, request: Request) -> bool:
    """Whether a rule concerns only packets that guests send."""
    networks = [network_of(rule, "-s") for rule in claim.path]
    return any(not negated and network.subnet_of(request.network) for negated, network in networks)


def _conflict(claim: _Claim, what: str, works: bool, is_of_guests: bool) -> Conflict:
    certain = all(rule.conditions.keys() <= _KNOWN for rule in claim.path) and not is_of_guests
    rule = f"the rule '{claim.line}' of {claim.program}"
    if claim.is_first or not works:
        return Conflict(f"{rule} sends packets for {what} elsewhere", certain)
    return Conflict(f"{rule} gets no packets for {what}, because the forward is above it", False)


def _asks_for(other: Request, request: Request, forward: Forward) -> bool:
    same = other.name != request.name and other.public_address == request.public_address
    return same and any(share_packets(one, forward) for one in other.forwards)


def _owners(request: Request, chains: Chains) -> Iterator[tuple[str, Rule]]:
    """Return the other owners' rules for the same address."""
    for chain, lines in chains.items():
        match = _OWNER.match(chain)
        if match and match[1] != request.name:
            rules = map(read, lines)
            yield from ((match[1], rule) for rule in rules if rule.target == "DNAT" and _has_address(rule, request))


def _claims(request: Request, chains: Chains) -> Iterator[_Claim]:
    own = f"PF-{request.name}-DNAT"
    lines = chains.get("PREROUTING", ())
    targets = [read(line).target for line in lines]
    # A jump that is not there yet is put at the top.
    first = targets.index(own) if own in targets else 0
    for number, line in enumerate(lines):
        for found, path in _taking(line, chains, ()):
            program = next((name for start, name in _PROGRAMS.items() if f"-A {start}" in found), "another program")
            yield _Claim(found, path, number < first, program)


def _claims_beside(neighbour: Neighbour) -> Iterator[_Claim]:
    for line in neighbour.chains.get("PREROUTING", ()):
        for found, path in _taking(line, neighbour.chains, ()):
            yield _Claim(found, path, neighbour.is_first, neighbour.program)


def _taking(line: str, chains: Chains, path: tuple[Rule, ...]) -> Iterator[tuple[str, tuple[Rule, ...]]]:
    """Return the rules that lead packets somewhere, from one rule on, without those of owners."""
    rule = read(line)
    path = (*path, rule)
    if rule.target in TAKING:
        yield line, path
    elif len(path) < _DEPTH and not _OWNER.match(rule.target):
        for inner in chains.get(rule.target, ()):
            yield from _taking(inner, chains, path)


def _has_address(rule: Rule, request: Request, elsewhere: bool = False) -> bool:
    kind = rule.conditions.get("--dst-type")
    is_kind = kind is None or (("LOCAL" in kind) != kind.startswith("!")) != elsewhere
    negated, network = network_of(rule, "-d")
    return is_kind and (request.public_address in network) != negated


def concerns(rule: Rule, forward: Forward) -> bool:
    """Whether a rule may match packets of a forward, as far as can be told."""
    protocol = rule.conditions.get("-p", forward.protocol)
    if (protocol.lstrip("!") == forward.protocol) == protocol.startswith("!"):
        return False
    link = rule.conditions.get("-i", "!")
    if not link.startswith("!") and link.startswith(_INNER_LINKS):
        return False
    return _has_port(rule, forward.ports) and _has_source(rule, forward)


def _has_port(rule: Rule, ports: Ports) -> bool:
    negated, ranges = ports_of(rule)
    return not _lies_in(ports, ranges) if negated else any(one.overlaps(ports) for one in ranges)


def ports_of(rule: Rule) -> tuple[bool, list[Ports]]:
    """Whether a rule is for all ports but its own, and its own: every port, if it names none."""
    value = rule.conditions.get("--dport", "1:65535")
    parts = (part.partition(":") for part in value.lstrip("!").split(","))
    return value.startswith("!"), [Ports(int(first), int(last or first)) for first, _colon, last in parts]


def _lies_in(ports: Ports, ranges: Sequence[Ports]) -> bool:
    return any(one.first <= ports.first and ports.last <= one.last for one in ranges)


def _has_source(rule: Rule, forward: Forward) -> bool:
    negated, network = network_of(rule, "-s")
    if negated:
        return any(not source.subnet_of(network) for source in forward.sources)
    return any(source.overlaps(network) for source in forward.sources)


def network_of(rule: Rule, option: str) -> tuple[bool, IPv4Network]:
    """Whether a rule is for all addresses but its own, and its own: every address, if it names none."""
    value = rule.conditions.get(option, "0.0.0.0/0")
    try:
        return value.startswith("!"), IPv4Network(value.lstrip("!"), strict=False)
    except ValueError:
        # A mask with gaps is no network; it may match.
        return False, IPv4Network("0.0.0.0/0")


def _leads_to(claim: _Claim, forward: Forward) -> bool:
    """Whether a rule leads where the forward leads, so that nothing is lost."""
    rule = claim.path[-1]
    if rule.target != "DNAT" or len(rule.arguments) < 2:
        return False
    address, _colon, ports = rule.arguments[1].partition(":")
    if ports and ports == rule.conditions.get("--dport", "").replace(":", "-"):
        # Each port of the range keeps its number.
        ports = ""
    return address == str(forward.to) and (ports or str(forward.ports)) == str(forward.to_ports)
