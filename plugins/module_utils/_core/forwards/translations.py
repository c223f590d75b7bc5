# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forwards that somebody else's rules make, in the text of iptables-save."""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Collection, Iterator

from . import rule_text
from .iptables import parse

#: Conditions that a forward has a place for, or that say nothing of it.
_KNOWN = frozenset(("-d", "-p", "--dport", "-s", "-i", "--dst-type"))
_OWN = "PF-"
_EVERYBODY = "0.0.0.0/0"


@dataclass(frozen=True)
class Translation:
    """One forward.

    :param port: the public port, or a range such as "10000-10010".
    :param to_port: the guest's port or range, empty if it is the public one.
    :param public_address: the address that packets are sent to, empty for any.
    :param source: the network that can connect, empty for everybody.
    :param interface: the interface by which packets come, empty for any.
    :param rule: the rule that makes it.
    """

    protocol: str
    port: str
    to: str
    to_port: str
    public_address: str
    source: str
    interface: str
    rule: str


@dataclass(frozen=True)
class Table:
    """What a table nat translates.

    :param unread: the rules with DNAT that no forward describes.
    :param owners: the names whose forwards the module port_forwards made.
    """

    translations: tuple[Translation, ...]
    unread: tuple[str, ...]
    owners: tuple[str, ...]


def read_table(saved: str) -> Table:
    """Read the table nat in what iptables-save prints of all tables."""
    if "*nat" not in saved.split("\n"):
        return Table((), (), ())
    policies, lines = parse("nat", saved)
    owners = [name[len(_OWN) :].rpartition("-")[0] for name in policies if name.startswith(_OWN)]
    found: list[Translation] = []
    unread: list[str] = []
    # Packets of the host itself pass OUTPUT, which repeats what PREROUTING says.
    for chain in (chain for chain in lines if not chain.startswith(_OWN) and chain != "OUTPUT"):
        for line in lines[chain]:
            rule = rule_text.read(line)
            if rule.target == "DNAT":
                made = list(_translations(rule, line))
                found += made
                unread += [] if made else [line]
    return Table(tuple(found), tuple(unread), tuple(dict.fromkeys(owners)))


def own_of_nftables(ruleset: str, covered: Collection[str]) -> int:
    """The number of rules with DNAT that nft made, and not iptables.

    :param ruleset: what ``nft -j list ruleset`` prints.
    :param covered: the tables of the family ip that iptables shows.
    """
    entries = json.loads(ruleset or "{}").get("nftables", [])
    rules = (entry["rule"] for entry in entries if "rule" in entry)
    others = (rule for rule in rules if not (rule.get("family") == "ip" and rule.get("table") in covered))
    return sum(_translates(rule) for rule in others if not str(rule.get("chain", "")).startswith(_OWN))


def _translates(rule: dict[str, Any]) -> bool:
    return any("dnat" in part for part in rule.get("expr", []) if isinstance(part, dict))


def _translations(rule: rule_text.Rule, line: str) -> Iterator[Translation]:
    conditions = rule.conditions
    protocol, ports = conditions.get("-p", ""), conditions.get("--dport", "")
    is_plain = set(conditions) <= _KNOWN and not any(value.startswith("!") for value in conditions.values())
    target = _target(rule.arguments)
    if not is_plain or protocol not in ("tcp", "udp") or not ports or target is None:
        return
    address, to_port = target
    for port in ports.replace(":", "-").split(","):
        source = conditions.get("-s", "")
        yield Translation(
            protocol,
            port,
            address,
            "" if to_port == port else to_port,
            _address(conditions.get("-d", "")),
            "" if source == _EVERYBODY else source,
            conditions.get("-i", ""),
            line,
        )


def _address(text: str) -> str:
    return text[: -len("/32")] if text.endswith("/32") else text


def _target(arguments: tuple[str, ...]) -> tuple[str, str] | None:
    """The guest's address and port; None for what is not one address."""
    if len(arguments) < 2 or arguments[0] != "--to-destination":
        return None
    address, _colon, ports = arguments[1].partition(":")
    try:
        IPv4Address(address)
    except AddressValueError:
        return None
    return address, ports.partition("/")[0]
