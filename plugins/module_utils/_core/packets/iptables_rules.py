# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base chains of iptables, in the text of iptables-save."""

from __future__ import annotations

from functools import partial
from typing import Collection, Iterator

from ..forwards import rule_text
from ..forwards.iptables import parse
from . import walk
from .iptables_matches import matches
from .packet import HOOKS, Packet
from .walk import BaseChain, Rule, Step

_FINAL = {"ACCEPT": walk.ACCEPT, "DROP": walk.DROP, "REJECT": walk.REJECT, "TARPIT": walk.DROP, "RETURN": walk.RETURN}
#: Targets after which the packet goes on.
_HARMLESS = (
    *("", "LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "TCPMSS", "CT", "NOTRACK", "TRACE", "TOS", "DSCP", "TTL", "SET"),
    *("CLASSIFY", "SECMARK", "CONNSECMARK", "CHECKSUM", "AUDIT", "TEE", "LED", "RATEEST", "ECN", "IDLETIMER"),
)


def base_chains(program: str, saved: str) -> Iterator[BaseChain]:
    """Return the base chains of all tables.

    :param program: how results call the tables, such as "iptables".
    :param saved: what iptables-save prints of all tables.
    """
    for table in tables(saved):
        policies, lines = parse(table, saved)
        chains = {
            chain: tuple(_rule(chain, line, policies.keys()) for line in lines.get(chain, ())) for chain in policies
        }
        for name, hook in HOOKS.items():
            if table in hook.tables and hook.chain in policies:
                place = f"{program} {table}"
                yield BaseChain(place, hook.chain, name, hook.tables[table], policies[hook.chain], chains)


def tables(saved: str) -> list[str]:
    """Return the names of the tables in the text of iptables-save."""
    return [line[1:] for line in saved.split("\n") if line.startswith("*")]


def _rule(chain: str, line: str, chains: Collection[str]) -> Rule:
    return Rule(line, chain, partial(_step, rule_text.read(line), chains))


def _step(rule: rule_text.Rule, chains: Collection[str], packet: Packet) -> Step:
    truth = matches(rule, packet)
    if truth is False or rule.target in _HARMLESS:
        return walk.PASS_BY
    is_sure = truth is True
    if rule.target in chains:
        return Step(walk.GOTO if rule.is_goto else walk.JUMP, rule.target, is_sure)
    if rule.target in _FINAL:
        return Step(_FINAL[rule.target], "", is_sure)
    to = _translated(rule, packet)
    return Step(walk.UNSURE if to is None else walk.TRANSLATE, to or "", is_sure)


def _translated(rule: rule_text.Rule, packet: Packet) -> str | None:
    """Return where a rule leads a packet, or what it makes of its source; None if it is no translation."""
    value = rule.arguments[1] if len(rule.arguments) > 1 else ""
    if rule.target == "DNAT":
        address, _colon, ports = value.partition(":")
        return f"{address}:{_port(ports, packet.port)}"
    if rule.target == "REDIRECT":
        return f"{walk.ITSELF}:{_port(value, packet.port)}"
    if rule.target == "NETMAP":
        return value
    return {"SNAT": value, "MASQUERADE": "masquerade"}.get(rule.target)


def _port(text: str, port: int) -> str:
    """Return the new port: that of a range with a base keeps its distance from the first."""
    span, slash, base = text.partition("/")
    if slash and base.isdigit() and span.split("-")[0].isdigit():
        return str(int(span.split("-")[0]) + port - int(base))
    return span or str(port)
