# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of a packet at a hook, over all chains that the kernel calls there."""

from __future__ import annotations

from typing import Any, Sequence

from .owner import owner_of
from .packet import HOOKS, Packet
from .walk import DROP, REJECT, TRANSLATE, UNSURE, BaseChain, Decision, follow

_WORDS = {DROP: "dropped", REJECT: "rejected", TRANSLATE: "translated", UNSURE: "unsure"}
_STOPS = (DROP, REJECT)
# With a walk for each of more rules, a long list of bans would take minutes.
_MOST_DOUBTED = 50


def judge_packet(packet: Packet, chains: Sequence[BaseChain]) -> dict[str, Any]:
    """Return the module's result for one packet.

    :param chains: the base chains of all tables and hooks.
    """
    hook = HOOKS[packet.hook]
    here = sorted((chain for chain in chains if chain.hook == packet.hook), key=lambda chain: chain.priority)
    if hook.is_nat and packet.is_reply:
        # The kernel asks the table only for the first packet of a connection.
        here = []
    decisions = [follow(chain, packet) for chain in here]
    decision = _translating(decisions) if hook.is_nat else _deciding(decisions)
    kind = decision.step.kind if decision else ""
    is_named = decision is not None and (not hook.is_nat or kind in _WORDS)
    return {
        "name": packet.name,
        "hook": packet.hook,
        "protocol": packet.protocol,
        "port": packet.port,
        "verdict": _WORDS.get(kind, "passes" if hook.is_nat else "accepted"),
        "to": decision.step.to if decision and kind == TRANSLATE else "",
        "rule": decision.rule if decision and is_named else "",
        "chain": decision.chain if decision and is_named else "",
        "table": decision.base.table if decision and is_named else "",
        "owner": owner_of(decision) if decision and is_named else "",
        "unsure": _doubts(packet, decisions, decision),
    }


def _deciding(decisions: Sequence[Decision]) -> Decision | None:
    """Return the first that stops the packet. If none does, the first unsure one, or the last."""
    stopping = [decision for decision in decisions if decision.step.kind in _STOPS]
    unsure = [decision for decision in decisions if decision.step.kind == UNSURE]
    return next(iter((*stopping, *unsure, *reversed(decisions))), None)


def _translating(decisions: Sequence[Decision]) -> Decision | None:
    """Return the first that translates or stops the packet: then the kernel asks no further chain. Else the last."""
    ending = [decision for decision in decisions if decision.step.kind in _WORDS]
    return next(iter((*ending, *reversed(decisions))), None)


def _doubts(packet: Packet, decisions: Sequence[Decision], decision: Decision | None) -> list[str]:
    """Return the texts of the rules that would decide otherwise if the packet matches them."""
    if decision is None:
        return []
    if decision.step.kind in _STOPS:
        asked = [decision]
    elif HOOKS[packet.hook].is_nat:
        asked = list(decisions[: decisions.index(decision) + 1])
    else:
        asked = list(decisions)
    doubted = [(one, rule) for one in asked for rule in one.doubted][:_MOST_DOUBTED]
    texts = [rule.text for one, rule in doubted if _outcome(follow(one.base, packet, {rule})) != _outcome(one)]
    return list(dict.fromkeys(texts))


def _outcome(decision: Decision) -> tuple[str, str]:
    """Return what two decisions must share to mean the same for a packet."""
    kind = decision.step.kind
    return (DROP if kind in _STOPS else kind, decision.step.to)
