# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forwards that somebody else's rules make, in the text of iptables-save."""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any, Collection, Mapping

from . import rule_text
from .iptables import parse
from .reach import OWN, reached_rules

#: Conditions that a forward has a place for, or that say nothing of it.
_KNOWN = frozenset(("-d", "-p", "--dport", "-s", "-i", "--dst-type"))
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

    :param unread: the rules that lead packets somewhere, and that no forward describes.
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
    owners = [name[len(OWN) :].rpartition("-")[0] for name in policies if name.startswith(OWN)]
    found: list[Translation] = []
    unread: list[str] = []
    for line, is_whole in reached_rules({**dict.fromkeys(policies, ()), **lines}).items():
        rule = rule_text.read(line)
        made = _translations(rule, line) if is_whole and rule.target == "DNAT" else []
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
    return sum(_translates(rule) for rule in others if not str(rule.get("chain", "")).startswith(OWN))


def _translates(rule: dict[str, Any]) -> bool:
    return any("dnat" in part for part in rule.get("expr", []) if isinstance(part, dict))


def _translations(rule: rule_text.Rule, line: str) -> list[Translation]:
    """The forwards of a rule; none if one of them would not be the whole truth."""
    conditions, target = rule.conditions, _target(rule.arguments)
    if target is None or not _is_plain(conditions):
        return []
    address, given = target
    source = conditions.get("-s", "")
    ports = conditions["--dport"].replace(":", "-").split(",")
    to_ports = [_to_port(port, given) for port in ports]
    return [
        Translation(
            conditions["-p"],
            port,
            address,
            to_port,
            _address(conditions.get("-d", "")),
            "" if source == _EVERYBODY else source,
            conditions.get("-i", ""),
            line,
        )
        for port, to_port in zip(ports, to_ports)
        if to_port is not None and None not in to_ports
    ]


def _is_plain(conditions: Mapping[str, str]) -> bool:
    """Whether conditions ask for what a forward can have, and no more."""
    known = set(conditions) <= _KNOWN and not any(value.startswith("!") for value in conditions.values())
    networks = (conditions[name] for name in ("-s", "-d") if name in conditions)
    return (
        known
        and conditions.get("-p") in ("tcp", "udp")
        and conditions.get("--dport", "0")[0] != "0"
        and conditions.get("--dst-type", "LOCAL") == "LOCAL"
        and all(map(_is_network, networks))
    )


def _is_network(text: str) -> bool:
    """Whether this is a network, and not a mask with gaps."""
    try:
        IPv4Network(text)
    except ValueError:
        return False
    return True


def _address(text: str) -> str:
    return text[: -len("/32")] if text.endswith("/32") else text


def _to_port(port: str, given: str) -> str | None:
    """The guest's ports, empty for the public ones; None if the kernel would not keep their order."""
    span, _slash, base = given.partition("/")
    if span in ("", port):
        return ""
    if "-" not in port + span:
        return span
    first, to_first = port.partition("-")[0], span.partition("-")[0]
    is_same_size = _size(port) == _size(span) and base == first
    return None if not is_same_size else "" if first == to_first else span


def _size(ports: str) -> int:
    first, _dash, last = ports.partition("-")
    return int(last or first) - int(first)


def _target(arguments: tuple[str, ...]) -> tuple[str, str] | None:
    """The guest's address, and its ports as the rule has them; None for what is not one address."""
    if len(arguments) < 2 or arguments[0] != "--to-destination":
        return None
    address, _colon, ports = arguments[1].partition(":")
    try:
        IPv4Address(address)
    except AddressValueError:
        return None
    return address, ports
