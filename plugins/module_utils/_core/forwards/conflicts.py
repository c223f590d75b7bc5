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
from typing import Iterable, Iterator, Mapping, Sequence, Tuple

from .listeners import INNER_LINKS, Listener, taken
from .request import Forward, Ports, Request, share_packets
from .rule_text import Rule, read

#: The rules of each chain of the table nat, as iptables-save prints them.
Chains = Mapping[str, Sequence[str]]

_OWNER = re.compile(r"PF-(.+)-DNAT\Z")
TAKING = ("DNAT", "REDIRECT", "NETMAP")
_KNOWN = {"-s", "-d", "-i", "-p", "--dport", "--dst-type"}
_PROGRAMS = {"DOCKER": "docker", "CNI-": "podman", "NETAVARK": "podman", "KUBE-": "kubernetes"}
_DEPTH = 8
# Packets that meet them get to no rule below, at least in the same chain.
_LEAVING = ("ACCEPT", "RETURN")
_SPARING = {"-s", "-d", "-p", "--dport"}
_Path = Tuple[Rule, ...]


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
    :param is_first: whether packets get to them before they get to the iptables in use; None if nobody can tell.
    """

    program: str
    chains: Chains
    is_first: bool | None = False


@dataclass(frozen=True)
class Others:
    """Whoever else may have the packets, beside the rules of the iptables in use.

    :param requests: what other owners asked for that comes back after a boot.
    :param neighbours: tables of other programs.
    :param listeners: programs of the host itself that wait for packets.
    :param spared: ports of them that a forward may take.
    :param elsewhere: whether the public address is none of the host's own.
    :param link: the interface that has the public address; empty if nobody knows it.
    """

    requests: Sequence[Request] = ()
    neighbours: Sequence[Neighbour] = ()
    listeners: Sequence[Listener] = ()
    spared: Sequence[int] = ()
    elsewhere: bool = False
    link: str = ""


@dataclass(frozen=True)
class _Claim:
    """A rule of another program that leads packets somewhere.

    :param line: the rule.
    :param path: what packets must be on the way to it, and for it.
    :param above: the rules above it, and above the jumps to it, by which packets leave without it.
    :param is_first: whether it stands above the own rules; None if nobody can tell.
    :param program: whose it is.
    """

    line: str
    path: tuple[Rule, ...]
    above: tuple[Rule, ...]
    is_first: bool | None
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
            if _may_take(claim, request, forward) and not _leads_to(claim, forward):
                is_certain = not _is_of_guests(claim, request) and not _is_of_other_link(claim, others.link)
                yield _conflict(claim, what, _works(claim, forward, in_force), is_certain)
        for one in () if others.elsewhere else taken(request, forward, others.listeners, others.spared):
            # A program that has lost its packets long ago is nobody's surprise.
            if not _have_all(in_force, forward.protocol, Ports(one.port, one.port), forward.sources):
                yield _of_host(one, what)


def _may_take(claim: _Claim, request: Request, forward: Forward) -> bool:
    """Whether packets of a forward may get to a rule."""
    return all(concerns(rule, forward) for rule in claim.path) and not any(
        rule.conditions.keys() <= _SPARING
        and _has_address(rule, request)
        and _have_all([rule], forward.protocol, forward.ports, forward.sources)
        for rule in claim.above
    )


def _is_of_other_link(claim: _Claim, link: str) -> bool:
    """Whether a rule concerns only packets that come by another interface than the public address's."""
    names = [rule.conditions["-i"] for rule in claim.path if "-i" in rule.conditions]
    return bool(link) and any(
        not name.startswith("!") and not (link.startswith(name[:-1]) if name.endswith("+") else link == name)
        for name in names
    )


def _of_host(listener: Listener, what: str) -> Conflict:
    address = listener.address or "every address"
    waits = "waits, perhaps for one answer only, on" if listener.may_ask else "listens on"
    return Conflict(
        f"a program of this host {waits} {listener.protocol} port {listener.port} of {address} ('ss --listening"
        f" --processes' shows it), and the forward of {what} would cut it off",
        not listener.may_ask,
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
    if rule.conditions.get("-p", protocol) != protocol:
        return False
    negated, ranges = ports_of(rule)
    _negated, network = network_of(rule, "-s")
    return not negated and _lies_in(ports, ranges) and source.subnet_of(network)


def _is_of_guests(claim: _Claim, request: Request) -> bool:
    """Whether a rule concerns only packets that guests send."""
    networks = [network_of(rule, "-s") for rule in claim.path]
    return any(not negated and network.subnet_of(request.network) for negated, network in networks)


def _conflict(claim: _Claim, what: str, works: bool, is_certain: bool) -> Conflict:
    is_certain &= all(rule.conditions.keys() <= _KNOWN for rule in claim.path)
    rule = f"the rule '{claim.line}' of {claim.program}"
    if claim.is_first or not works:
        return Conflict(f"{rule} sends packets for {what} elsewhere", is_certain)
    if claim.is_first is None:
        return Conflict(
            f"{rule} asks for packets for {what}, too, and the one of the two that was loaded last gets them: check"
            " that the forward works, and remove the other rule",
            False,
        )
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
    for number, (line, path, above) in _taking("PREROUTING", chains, (), ()):
        program = next((name for start, name in _PROGRAMS.items() if f"-A {start}" in line), "another program")
        yield _Claim(line, path, above, number < first, program)


def _claims_beside(neighbour: Neighbour) -> Iterator[_Claim]:
    for _number, (line, path, above) in _taking("PREROUTING", neighbour.chains, (), ()):
        yield _Claim(line, path, above, neighbour.is_first, neighbour.program)


def _taking(chain: str, chains: Chains, jumps: _Path, above: _Path) -> Iterator[tuple[int, tuple[str, _Path, _Path]]]:
    """Return the rules of a chain, and of those that it jumps to, that lead packets somewhere, without owners' ones.

    :param jumps: the jumps that lead to the chain.
    :param above: the rules by which packets leave before they get there.
    :returns: each rule by its number in the chain: the line, what packets must be, and the rules above it.
    """
    for number, line in enumerate(chains.get(chain, ())):
        rule = read(line)
        path = (*jumps, rule)
        if rule.target in TAKING:
            yield number, (line, path, above)
        elif rule.target in _LEAVING:
            above = (*above, rule)
        elif len(path) < _DEPTH and not _OWNER.match(rule.target):
            yield from ((number, inner) for _number, inner in _taking(rule.target, chains, path, above))


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
    if not link.startswith("!") and link.startswith(INNER_LINKS):
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
