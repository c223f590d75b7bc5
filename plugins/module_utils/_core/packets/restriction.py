# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of FORWARD that let the packets of some senders pass, and nobody else's."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from typing import Mapping, Sequence, Tuple

from ..forwards.conflicts import network_of, ports_of
from ..forwards.iptables import parse
from ..forwards.reach import OWN
from ..forwards.rule_text import Rule, read
from ..forwards.translations import Translation
from .iptables_matches import matches
from .packet import Packet

#: An address of the Internet, to ask for the way of its packets.
ANYBODY = IPv4Address("8.8.8.8")
_REFUSING = ("DROP", "REJECT", "TARPIT")
#: Conditions that the packets of some senders have, and of which nobody else's are known to have them.
_OF_SENDER = frozenset(
    ("-s", "--src-range", "--src-cc", "--source-country", "--mac-source", "--mark", "--pol", "--rcheck", "--update")
)
#: The modules of iptables that have these conditions.
_MODULES = ("set", "iprange", "geoip", "mac", "mark", "policy", "recent")
_DEPTH = 8

# The jumps that lead to a rule, and the rule, each with its text.
_Path = Tuple[Tuple[str, Rule], ...]


@dataclass(frozen=True)
class Filter:
    """The table filter of iptables.

    :param policy: that of FORWARD.
    :param chains: the rules of each chain with their texts.
    """

    policy: str = "ACCEPT"
    chains: Mapping[str, _Path] = field(default_factory=dict)

    @classmethod
    def of(cls, saved: str) -> Filter:
        """Read what iptables-save prints of all tables."""
        if "*filter" not in saved.split("\n"):
            return cls()
        policies, lines = parse("filter", saved)
        chains = {name: tuple((line, read(line)) for line in lines.get(name, ())) for name in policies}
        return cls(policies.get("FORWARD", "ACCEPT"), chains)

    def restriction(self, packet: Packet, last: int) -> str:
        """Return the rule because of which only some senders reach a guest; empty if everybody does, or nobody.

        :param packet: one to the guest, at the hook forward. Its source is of no importance.
        :param last: the last of the guest's ports; the first is that of the packet.
        """
        found = (_Walk(self, replace(packet, port=port)).restriction() for port in self._ports(packet.port, last))
        return next(filter(None, found), "")

    def _ports(self, first: int, last: int) -> list[int]:
        """Of a range the first port, and those that rules tell from the others."""
        rules = (rule for chain in self.chains.values() for _line, rule in chain)
        named = {ports.first for rule in rules for ports in ports_of(rule)[1]} if last > first else set()
        return sorted({first, *(port for port in named if first <= port <= last)})


class _Walk:
    """The ways of packets to one port through FORWARD: of anybody, and of those senders whom rules favour."""

    def __init__(self, table: Filter, packet: Packet) -> None:
        self._table, self._packet = table, packet
        # How favoured senders get through, and the rules for them that may lead there.
        self._accepted: list[_Path] = []
        self._returned: list[_Path] = []

    def restriction(self) -> str:
        refused, way = self._anybody("FORWARD", ())
        is_refused = refused == "refused" or (not refused and self._table.policy != "ACCEPT")
        if not is_refused:
            return ""
        is_through = self._favoured("FORWARD", ()) and self._table.policy == "ACCEPT"
        if not is_through and not self._accepted:
            return ""
        ways = [way, *self._accepted, *self._returned]
        return next((line for path in ways for line, rule in path if self._of_sender(rule)), "")

    def _anybody(self, chain: str, jumps: _Path) -> tuple[str, _Path]:
        """What becomes of a packet of whom no rule knows more than that it is not among some; empty if it goes on."""
        for entry in self._table.chains.get(chain, ()):
            rule, path = entry[1], (*jumps, entry)
            if not self._concerns(path) or any(not value.startswith("!") for value in self._of_sender(rule)):
                continue
            if rule.target == "ACCEPT" or rule.target in _REFUSING:
                return ("accepted" if rule.target == "ACCEPT" else "refused"), path
            if rule.target == "RETURN":
                break
            if self._is_jump(path):
                end = self._anybody(rule.target, path)
                if end[0] or rule.is_goto:
                    return end
        return "", ()

    def _favoured(self, chain: str, jumps: _Path) -> bool:
        """Collect how the favoured senders leave a chain; return whether some of them come back from it."""
        is_back = False
        for entry in self._table.chains.get(chain, ()):
            rule, path = entry[1], (*jumps, entry)
            is_for_some = bool(self._of_sender(rule))
            if not self._concerns(path):
                continue
            # Whom a rule refuses is none of them.
            goes_on = is_for_some
            if rule.target == "ACCEPT":
                self._accepted.append(path)
            elif rule.target == "RETURN":
                is_back = True
                self._returned += [path] if is_for_some else []
            elif self._is_jump(path):
                comes_back = self._favoured(rule.target, path)
                is_back = is_back or (comes_back and rule.is_goto)
                goes_on = is_for_some or (comes_back and not rule.is_goto)
            elif rule.target not in _REFUSING:
                goes_on = True
            if not goes_on:
                return is_back
        return True

    def _is_jump(self, path: _Path) -> bool:
        target = path[-1][1].target
        return target in self._table.chains and not target.startswith(OWN) and len(path) < _DEPTH

    def _concerns(self, path: _Path) -> bool:
        """Whether a rule is for packets to the guest, whoever sends them."""
        rule = path[-1][1]
        if self._is_of_guests(path):
            return False
        others = tuple(option for option in rule.options if not self._is_known(*option))
        truth = matches(replace(rule, options=others), self._packet)
        # Of conditions that nobody knows those that refuse are exceptions, such as too many packets in a second.
        return truth is True or (truth is None and rule.target not in _REFUSING)

    def _is_of_guests(self, path: _Path) -> bool:
        """Whether a rule is for what guests or other networks of the host send wherever they like."""
        rule, link = path[-1][1], path[-1][1].conditions.get("-i", "")
        if link and link == self._packet.out_interface:
            return True
        if any(_names_goal(one) for _line, one in path):
            return False
        is_other, network = network_of(rule, "-s")
        is_own = "-s" in rule.conditions and not is_other and self._packet.destination in network
        return is_own or self._is_other_link("-i", link)

    def _of_sender(self, rule: Rule) -> list[str]:
        """The values of the conditions that tell senders from each other."""
        return [value for name, value in rule.options if self._is_of_sender(name, value)]

    def _is_of_sender(self, name: str, value: str) -> bool:
        is_set_of_senders = name == "--match-set" and "src" in value.split(" ")[-1].split(",")
        return name in _OF_SENDER or is_set_of_senders or self._is_other_link(name, value)

    def _is_known(self, name: str, value: str) -> bool:
        """Whether the walk decides a condition by itself."""
        return self._is_of_sender(name, value) or (name == "-m" and value in _MODULES)

    def _is_other_link(self, name: str, value: str) -> bool:
        """Whether packets of the Internet do not come by this interface."""
        came = self._packet.in_interface
        if name != "-i" or not came or not value or value.startswith("!"):
            return False
        return not (came.startswith(value[:-1]) if value.endswith("+") else came == value)


def _names_goal(rule: Rule) -> bool:
    return "--dport" in rule.conditions or not rule.conditions.get("-d", "!").startswith("!")


def packet_to(forward: Translation, in_interface: str | None) -> Packet:
    """Return a packet that a forward has led to the first of the guest's ports.

    :param in_interface: by which it came; None for that of the way to the Internet.
    """
    port, goal = int(_ports(forward)[0]), IPv4Address(forward.to)
    return Packet("", "forward", forward.protocol, ANYBODY, goal, port, None, in_interface, is_translated=True)


def last_port(forward: Translation) -> int:
    """Return the last of the guest's ports of a forward."""
    return int(_ports(forward)[-1])


def _ports(forward: Translation) -> list[str]:
    return (forward.to_port or forward.port).split("-")


def restriction_of(filters: Sequence[Filter], packet: Packet, last: int) -> str:
    """Return the first restriction in the filters of all variants of iptables; empty if there is none."""
    return next(filter(None, (one.restriction(packet, last) for one in filters)), "")
