# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a packet through the chains of one hook, whoever's language the rules are written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import AbstractSet, Callable, Mapping, Sequence

from .packet import Packet

ACCEPT, DROP, REJECT, TRANSLATE, UNSURE = "accept", "drop", "reject", "translate", "unsure"
JUMP, GOTO, RETURN, NEXT = "jump", "goto", "return", "next"
FINAL = (ACCEPT, DROP, REJECT, TRANSLATE, UNSURE)
#: The address of a machine to which it redirects: that of the interface by which the packet comes in.
ITSELF = "localhost"
#: The kernel refuses chains that lie deeper.
_DEPTH = 16


@dataclass(frozen=True)
class Step:
    """What a rule does with a packet.

    :param kind: one of the words above; UNSURE for a target whose work is not known.
    :param to: the chain of a JUMP or GOTO, or the address and port of a TRANSLATE.
    :param is_sure: whether the packet surely matches. Else this is what happens if it does.
    """

    kind: str
    to: str = ""
    is_sure: bool = True


#: What a rule does that a packet does not match, or that only counts, logs or marks.
PASS_BY = Step(NEXT)


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule: its text as the firewall's tool prints it, its chain, and what it does with a packet."""

    text: str
    chain: str
    step: Callable[[Packet], Step]


@dataclass(frozen=True, eq=False)
class BaseChain:
    """A chain that the kernel calls at a hook.

    :param table: the program and the table, such as "iptables filter".
    :param hook: a key of HOOKS.
    :param priority: the chain with the lowest comes first.
    :param policy: what happens at its end, as the tool prints it, such as DROP.
    :param chains: the rules of the chains of the table, this one included.
    """

    table: str
    name: str
    hook: str
    priority: int
    policy: str
    chains: Mapping[str, Sequence[Rule]]


@dataclass(frozen=True)
class Decision:
    """What one base chain does with a packet.

    :param rule: the text of the rule that decides, or that of the policy.
    :param chain: the chain of the rule.
    :param doubted: the rules that may match and that could decide.
    """

    step: Step
    rule: str
    chain: str
    base: BaseChain
    doubted: tuple[Rule, ...] = ()

    @property
    def is_policy(self) -> bool:
        """Whether no rule decides."""
        return self.rule == policy_text(self.base)


def policy_text(base: BaseChain) -> str:
    """Return how the policy of a chain is called in results."""
    return f"policy {base.policy} of {base.name}"


def follow(base: BaseChain, packet: Packet, matching: AbstractSet[Rule] = frozenset()) -> Decision:
    """Return what a base chain does with a packet.

    :param matching: rules that match, although that is not known.
    """
    walk = _Walk(base.chains, packet, matching)
    found = walk.through(base.name, 0)
    if found:
        return Decision(found[0], found[1].text, found[1].chain, base, tuple(walk.doubted))
    step = Step(DROP if base.policy.lower() == "drop" else ACCEPT)
    return Decision(step, policy_text(base), base.name, base, tuple(walk.doubted))


class _Walk:
    """One walk, and the rules of which it did not know whether they match."""

    def __init__(self, chains: Mapping[str, Sequence[Rule]], packet: Packet, matching: AbstractSet[Rule]) -> None:
        self._chains = chains
        self._packet = packet
        self._matching = matching
        self.doubted: list[Rule] = []

    def through(self, chain: str, depth: int) -> tuple[Step, Rule] | None:
        """Return the last step in a chain and its rule; None if the packet comes to the end of the chain."""
        for rule in self._chains.get(chain, ()) if depth <= _DEPTH else ():
            step = rule.step(self._packet)
            if step.kind == NEXT or not self._takes(rule, step):
                continue
            if step.kind in FINAL:
                return step, rule
            if step.kind == RETURN:
                return None
            found = self.through(step.to, depth + 1)
            if found or step.kind == GOTO:
                return found
        return None

    def _takes(self, rule: Rule, step: Step) -> bool:
        if step.is_sure or rule in self._matching:
            return True
        if rule not in self.doubted:
            self.doubted.append(rule)
        return False
