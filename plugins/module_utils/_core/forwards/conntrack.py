# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections of UDP that a changed forward would not move: the kernel asks no rule about a flow that it knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Iterable

_RULE = re.compile(
    r"-A \S+ (?:-s (?P<source>\S+) )?-d (?P<public>\S+)/32 -p udp -m udp --dport (?P<first>\d+)(?::(?P<last>\d+))?"
    r"(?: .*)? -j DNAT --to-destination (?P<to>[0-9.]+)(?::(?P<port>\d+)(?:-\d+(?:/\d+)?)?)?\Z"
)


@dataclass(frozen=True)
class Flow:
    """One entry of the kernel's table of connections.

    :param source, source_port: who sent the first packet.
    :param destination, destination_port: the address that it was sent to.
    :param answers_from, answers_from_port: who answers; another than the destination where that was translated.
    """

    source: IPv4Address
    source_port: int
    destination: IPv4Address
    destination_port: int
    answers_from: IPv4Address
    answers_from_port: int


@dataclass(frozen=True)
class _Rule:
    """One rule of DNAT for UDP."""

    source: IPv4Network
    public: IPv4Address
    first: int
    last: int
    to: IPv4Address
    to_first: int

    def covers(self, flow: Flow) -> bool:
        return (
            flow.destination == self.public
            and self.first <= flow.destination_port <= self.last
            and flow.source in self.source
        )

    def has(self, flow: Flow) -> bool:
        """Whether the flow goes where the rule sends it."""
        port = self.to_first + flow.destination_port - self.first
        return (flow.answers_from, flow.answers_from_port) == (self.to, port)

    def answers(self, flow: Flow) -> bool:
        """Whether the flow began with a packet from the port that the rule sends to."""
        last = self.to_first + self.last - self.first
        return flow.source == self.to and self.to_first <= flow.source_port <= last


def changed(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """Return the rules of UDP that are new, gone or other ones.

    :param before: the own rules of the table nat, as iptables-save prints them.
    :param after: the same after the change.
    """
    old, new = _by_meaning(before), _by_meaning(after)
    return [line for rule, line in {**old, **new}.items() if (rule in old) != (rule in new)]


class Concern:
    """Which flows have to be forgotten.

    :param concerned: the rules that changed.
    :param now: the own rules of the table nat as they are now.
    """

    def __init__(self, concerned: Iterable[str], now: Iterable[str]) -> None:
        self._concerned = list(_by_meaning(concerned))
        self._now = list(_by_meaning(now))
        self._addresses = {rule.public for rule in self._concerned}

    def has(self, flow: Flow) -> bool:
        """Whether the flow is one of a rule that changed, and does not go where the rules send it now."""
        asked = flow.destination in self._addresses and any(rule.covers(flow) for rule in self._concerned)
        return (asked and not self._fits(flow)) or self._is_late_answer(flow)

    def _fits(self, flow: Flow) -> bool:
        """Whether the first rule that covers the flow sends it where it goes."""
        return next((rule.has(flow) for rule in self._now if rule.covers(flow)), False)

    def _is_late_answer(self, flow: Flow) -> bool:
        """Whether an answer on its way has opened the flow again, and it leads to an earlier guest."""
        return any(rule.answers(flow) for rule in self._concerned) and not any(rule.answers(flow) for rule in self._now)


def _by_meaning(lines: Iterable[str]) -> dict[_Rule, str]:
    """Return the rules of UDP by what they do; a comment does nothing."""
    return {_rule(match): match[0] for match in map(_RULE.match, lines) if match}


def _rule(match: re.Match[str]) -> _Rule:
    first = int(match["first"])
    return _Rule(
        IPv4Network(match["source"] or "0.0.0.0/0"),
        IPv4Address(match["public"]),
        first,
        int(match["last"] or first),
        IPv4Address(match["to"]),
        int(match["port"] or first),
    )
