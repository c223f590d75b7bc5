# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which packets get to the rules of the table nat that lead packets somewhere."""

from __future__ import annotations

from typing import Iterator, Mapping, Sequence, Tuple

from .conflicts import TAKING, concerns, network_of, ports_of
from .request import Forward
from .rule_text import Rule, read

OWN = "PF-"
#: Packets to the host itself: they say nothing of a forward.
_TO_HOST = ("--dst-type", "LOCAL")
_DEPTH = 8

#: The rules of each chain of the table nat, as iptables-save prints them.
Chains = Mapping[str, Sequence[str]]
#: The jumps that lead to a rule, and the rule.
Path = Tuple[Rule, ...]


def reached_rules(chains: Chains) -> dict[str, bool]:
    """The rules that lead packets somewhere, but those of owners, in the order in which packets get to them.

    :return: for each rule whether it gets all the packets that it asks for. A jump may pass on only some, a rule above
        may keep some away, and to some chains nothing jumps.
    """
    walk = _Walk(chains)
    walk.enter("PREROUTING", (), ())
    # Packets of the host itself pass OUTPUT, which repeats what PREROUTING says.
    repeated = _Walk(chains)
    repeated.enter("OUTPUT", (), ())
    alone = (line for chain in chains if not chain.startswith(OWN) for line in chains[chain])
    left = [line for line in alone if line not in repeated.found and read(line).target in TAKING]
    return {**walk.found, **{line: False for line in left if line not in walk.found}}


class _Walk:
    """A way through chains, in the order in which packets take it."""

    def __init__(self, chains: Chains) -> None:
        self.found: dict[str, bool] = {}
        self._chains = chains
        self._accepted: list[Path] = []

    def enter(self, chain: str, jumps: Path, outside: Sequence[Path]) -> None:
        """Go through a chain.

        :param outside: the rules by which packets left the chains before they came to this one.
        """
        left = list(outside)
        for line in self._chains.get(chain, ()):
            rule = read(line)
            path = (*jumps, rule)
            if rule.target in TAKING:
                is_whole = not any(map(_has_condition, jumps)) and not self._is_kept(rule, left)
                self.found[line] = self.found.get(line, True) and is_whole
            elif rule.target == "ACCEPT":
                self._accepted.append(path)
            elif rule.target == "RETURN":
                left.append(path)
            elif rule.target in self._chains and len(path) < _DEPTH and not rule.target.startswith(OWN):
                self.enter(rule.target, path, left)
                left += [path] if rule.is_goto else []

    def _is_kept(self, rule: Rule, left: Sequence[Path]) -> bool:
        return any(_may_share(path, rule) for path in (*self._accepted, *left))


def _has_condition(jump: Rule) -> bool:
    return any(condition != _TO_HOST for condition in jump.conditions.items())


def _may_share(path: Path, rule: Rule) -> bool:
    """Whether a packet that takes a path could be one that a rule below asks for, as far as can be told."""
    forwards = list(_as_forwards(rule))
    if not forwards:
        return True
    return any(all(concerns(one, forward) and _meet(one, rule) for one in path) for forward in forwards)


def _as_forwards(rule: Rule) -> Iterator[Forward]:
    """What a rule asks for; nothing if it is more than protocol, ports and source."""
    protocol = rule.conditions.get("-p", "")
    is_other, ranges = ports_of(rule)
    is_foreign, source = network_of(rule, "-s")
    if protocol in ("tcp", "udp") and not is_other and not is_foreign:
        for ports in ranges:
            # Where it leads is of no importance here.
            yield Forward(protocol, ports, source.network_address, ports, (source,))


def _meet(one: Rule, other: Rule) -> bool:
    """Whether a packet for one rule can have the interface and the address of another."""
    links = [rule.conditions.get("-i", "") for rule in (one, other)]
    if all(link and not link.startswith("!") and not link.endswith("+") for link in links) and len(set(links)) > 1:
        return False
    is_other, network = network_of(one, "-d")
    is_negated, wanted = network_of(other, "-d")
    if is_negated:
        return True
    return not wanted.subnet_of(network) if is_other else wanted.overlaps(network)
