# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""Connections of UDP that a changed forward would not move: the kernel asks no rule about a flow that it knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Iterable

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


def parse(listing: str) -> list[Flow]:
    """Read what ``conntrack -L -p udp -f ipv4 -o xml`` prints.

    :raises ValueError: if it is no such text.
    """
    if not listing.strip():
        return []
    # Few runs have flows to read, and each module is compiled anew on the target in every run.
    from xml.etree import ElementTree

    try:
        return [_flow(entry) for entry in ElementTree.fromstring(listing).iter("flow")]
    except (ElementTree.ParseError, AttributeError, TypeError) as error:
        raise ValueError(f"conntrack printed something that is not its XML: {error}") from error


def _flow(entry: Any) -> Flow:
    original, reply = (entry.find(f"meta[@direction='{name}']") for name in ("original", "reply"))
    text = {
        f"{name} {path}": direction.find(path).text
        for name, direction in (("original", original), ("reply", reply))
        for path in ("layer3/src", "layer3/dst", "layer4/sport", "layer4/dport")
    }
    return Flow(
        IPv4Address(text["original layer3/src"]),
        int(text["original layer4/sport"]),
        IPv4Address(text["original layer3/dst"]),
        int(text["original layer4/dport"]),
        IPv4Address(text["reply layer3/src"]),
        int(text["reply layer4/sport"]),
    )


def concerns_udp(before: Iterable[str], after: Iterable[str]) -> bool:
    """Whether a forward of UDP is new, gone or another one.

    :param before: the own rules of the table nat, as iptables-save prints them.
    :param after: the same after the change.
    """
    return set(_rules(before)) != set(_rules(after))


def stale(before: Iterable[str], after: Iterable[str], flows: Iterable[Flow]) -> list[Flow]:
    """Return the flows of forwards that changed which do not go where the rules send them now."""
    old, new = _rules(before), _rules(after)
    changed = [rule for rule in [*old, *new] if (rule in old) != (rule in new)]
    return [flow for flow in flows if any(rule.covers(flow) for rule in changed) and not _fits(new, flow)]


def _rules(lines: Iterable[str]) -> list[_Rule]:
    return [_rule(match) for match in map(_RULE.match, lines) if match]


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


def _fits(rules: list[_Rule], flow: Flow) -> bool:
    """Whether the first rule that covers the flow sends it where it goes."""
    return next((rule.has(flow) for rule in rules if rule.covers(flow)), False)
