# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the jump to an owner's chain stands in FORWARD.

Two kinds of rules refuse packets there. libvirt, docker, ufw and a closing ``-j DROP`` refuse whatever nobody expected:
a forward is the exception to them and stands above them. An administrator refuses on purpose: a source, a set, a
state, a port. That holds for forwards, too, so the jump stands below it. So the right place is directly above the first
rule that refuses in general, or the end of the chain if there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Collection, Mapping, Sequence

from .rule_text import Rule, read, target

#: The rules of each chain of the table filter, as iptables-save prints them.
Chains = Mapping[str, Sequence[str]]

FORWARD = "FORWARD"
# Chains by which programs refuse; what is in them changes when a network or a container starts.
# DOCKER-USER, ufw-before-forward and FORWARD_direct are the administrator's: what is in them decides.
_REFUSING_CHAINS = (
    *("LIBVIRT_FW", "CNI-", "NETAVARK", "KUBE-", "ufw-after-", "ufw-reject-", "ufw-track-"),
    *("FORWARD_IN_ZONES", "FORWARD_OUT_ZONES", "FORWARD_POLICIES_", "DOCKER-ISOLATION-STAGE-"),
)
_DOCKERS_CHAINS = ("DOCKER", "DOCKER-FORWARD", "DOCKER-CT", "DOCKER-BRIDGE", "DOCKER-INTERNAL", "DOCKER-INGRESS")
_ADMINISTRATORS_CHAINS = ("CNI-ADMIN",)
_REFUSE = ("DROP", "REJECT")
# Targets after which the packet goes on, or is accepted anyway.
_HARMLESS = ("", "ACCEPT", "RETURN", "LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "TCPMSS", "CT", "NOTRACK", "TRACE")
# Conditions that single out no sender. Two rules often refuse together, one for TCP and one for the rest.
_GENERAL = {"-d", "-i", "-o", "-p", "--ctstate"}
_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16")))
# By these links neither packets from outside come, nor packets to guests leave.
_INNER_LINKS = ("lo", "docker", "br-", "veth", "cni", "podman", "lxdbr", "lxcbr", "incusbr", "cali")
_GUESTS_LINKS = ("virbr", "vnet")
_ALL = IPv4Network("0.0.0.0/0")
_OWN_PREFIX = "PF-"
_DEPTH = 8


@dataclass(frozen=True)
class Place:
    """Where the own jumps stand and shall stand.

    :param before: the own jumps as they are. Where they stand wrong, also the rules that they are moved past.
    :param after: the same as it shall be.
    :param number: the number that the first own jump gets where no own jump is there; 0 for the end of the chain.
    :param unreached: an administrator's rules below the jump, which no forwarded packet reaches.
    :param exclusive: rules above the jump that let only some senders pass.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    number: int
    unreached: tuple[str, ...]
    exclusive: tuple[str, ...] = ()


def place(
    chains: Chains, jumps: Sequence[str], own: Collection[str], guests: IPv4Network, below: str | None = None
) -> Place:
    """Decide where own jumps stand.

    :param jumps: the own jumps as they shall be.
    :param own: the own chains.
    :param guests: their network.
    :param below: the rule of others that shall come next, for jumps that go back to where they were; empty for none.
        Where it is gone, or None, the place is chosen anew.
    """
    lines = chains.get(FORWARD, ())
    others = [line for line in lines if target(line) not in own]
    end = next((index for index, line in enumerate(others) if _refuses_everybody(line, chains, guests)), len(others))
    if below is not None and below in (*others, ""):
        end = others.index(below) if below else len(others)
    before = [line for line in lines if _matters(line, own)]
    after = [line for line in (*others[:end], *jumps, *others[end:]) if _matters(line, own)]
    if before == after:
        before = after = list(jumps)
    else:
        _cut_what_is_alike(before, after, own)
    return Place(
        tuple(before),
        tuple(after),
        number=end + 1 if end < len(others) or not others else 0,
        unreached=tuple(line for line in others[end:] if _is_administrators(line, chains)),
        exclusive=tuple(line for line in others[:end] if _refuses_most(line, chains, guests)),
    )


def next_below(lines: Sequence[str], own: Collection[str]) -> str | None:
    """Return the rule of others below the own jumps in FORWARD, empty if none is there; None without a jump."""
    places = [index for index, line in enumerate(lines) if target(line) in own]
    if not places:
        return None
    return next((line for line in lines[places[0] :] if target(line) not in own), "")


def refuses(chains: Chains) -> bool:
    """Whether FORWARD has a rule that refuses whatever nobody expected."""
    return any(_refuses_everybody(line, chains, _ALL) for line in chains.get(FORWARD, ()))


def _matters(line: str, own: Collection[str]) -> bool:
    """Whether it matters on which side of the line an own jump stands."""
    name = target(line)
    return name in own or (name not in _HARMLESS and not name.startswith(_OWN_PREFIX))


def _cut_what_is_alike(before: list[str], after: list[str], own: Collection[str]) -> None:
    """Leave out the rules of others that no own jump is moved past."""
    for end in (0, -1):
        while before and after and before[end] == after[end] and target(before[end]) not in own:
            del before[end], after[end]


def _refuses_everybody(line: str, chains: Chains, guests: IPv4Network, depth: int = 0) -> bool:
    """Whether a rule refuses packets for no reason of their own."""
    rule = read(line)
    if _is_of_a_program(rule):
        return True
    if not _concerns_everybody(rule, guests):
        return False
    if rule.target in _REFUSE:
        return True
    if depth == _DEPTH:
        return False
    for inner in chains.get(rule.target, ()):
        if _spares(read(inner)):
            return False
        if _refuses_everybody(inner, chains, guests, depth + 1):
            return True
    return False


def _is_of_a_program(rule: Rule) -> bool:
    """Whether a rule leads to a chain by which a program refuses."""
    is_one = rule.target.startswith(_REFUSING_CHAINS) and rule.target not in _ADMINISTRATORS_CHAINS
    return is_one or rule.target in _DOCKERS_CHAINS


def _spares(rule: Rule) -> bool:
    """Whether what follows a rule is meant for the others, or for nobody."""
    if rule.target == "RETURN":
        return not rule.conditions or (bool(rule.conditions.keys() - _GENERAL) and not _concerns_no_stranger(rule))
    return rule.target == "ACCEPT" and not rule.conditions


def _concerns_no_stranger(rule: Rule) -> bool:
    """Whether a rule is about packets that a client outside does not send: from a private address, or answers."""
    value = rule.conditions.get("-s", "!")
    try:
        network = None if value.startswith("!") else IPv4Network(value, strict=False)
    except ValueError:
        return False
    return "--sport" in rule.conditions or any(network and network.subnet_of(private) for private in _PRIVATE)


def _concerns_everybody(rule: Rule, guests: IPv4Network) -> bool:
    """Whether a rule's conditions hold for new packets to guests, whoever sends them."""
    is_general = rule.conditions.keys() <= _GENERAL and rule.conditions.get("-p", "all") in ("all", "tcp", "udp")
    return is_general and _is_way_to_guests(rule) and _is_network(rule, guests) and _is_new(rule)


def _is_way_to_guests(rule: Rule) -> bool:
    """Whether packets between a client and guests may come in and leave by the links of a rule."""
    links = rule.conditions.get("-i", "!"), rule.conditions.get("-o", "!")
    are_inside = any(link.startswith(_INNER_LINKS) for link in links)
    return not are_inside and not all(link.startswith(_GUESTS_LINKS) for link in links)


def _is_network(rule: Rule, guests: IPv4Network) -> bool:
    """Whether a rule's destinations are all guests."""
    value = rule.conditions.get("-d", "")
    if not value or guests == _ALL:
        return True
    try:
        network = IPv4Network(value.lstrip("!"), strict=False)
    except ValueError:
        # A mask with gaps is no network.
        return False
    return not guests.overlaps(network) if value.startswith("!") else guests.subnet_of(network)


def _refuses_most(line: str, chains: Chains, guests: IPv4Network, depth: int = 0) -> bool:
    """Whether a rule refuses packets to guests of all senders but some."""
    rule = read(line)
    named = {name: value for name, value in rule.conditions.items() if name in ("-s", "--match-set")}
    rest = Rule(rule.target, {name: value for name, value in rule.conditions.items() if name not in named})
    if rule.target.startswith(_OWN_PREFIX) or not _concerns_everybody(rest, guests):
        return False
    if rule.target in _REFUSE:
        return all(value.startswith("!") for value in named.values())
    if named or depth == _DEPTH:
        return False
    return any(_refuses_most(inner, chains, guests, depth + 1) for inner in chains.get(rule.target, ()))


def _is_new(rule: Rule) -> bool:
    value = rule.conditions.get("--ctstate", "NEW")
    states = set(value.lstrip("!").split(","))
    return not states & {"NEW", "DNAT"} if value.startswith("!") else "NEW" in states


def _is_administrators(line: str, chains: Chains, depth: int = 0) -> bool:
    """Whether a rule refuses some packets on purpose."""
    rule = read(line)
    if _is_of_a_program(rule) or rule.target.startswith(_OWN_PREFIX):
        return False
    if rule.target in _REFUSE:
        return bool(rule.conditions.keys() - _GENERAL) or depth > 0
    if depth == _DEPTH:
        return False
    return any(_is_administrators(inner, chains, depth + 1) for inner in chains.get(rule.target, ()))
