# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base chains of nftables that iptables did not make."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any, Collection, Iterator, Mapping, Sequence, Tuple

from . import nft_rules
from .packet import HOOKS
from .walk import BaseChain, Rule

#: The families whose chains see IPv4 packets of a machine, and not only the frames of a bridge or of a card.
_FAMILIES = ("ip", "inet")
_TABLE = re.compile(r"table (\S+) (\S+) \{")
_HANDLE = re.compile(r"\s*(.*\S)\s+# handle (\d+)\Z", re.DOTALL)
_BUILT_IN = ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING")
#: What nft lists: tables, chains, rules, sets.
Entries = Sequence[Mapping[str, Any]]
# The text of each rule by family, table and handle.
_Texts = Mapping[Tuple[str, str, int], str]


def base_chains(ruleset: str, listing: str, covered: Collection[str]) -> Iterator[BaseChain]:
    """Return the base chains that see IPv4 packets.

    :param ruleset: what ``nft -j list ruleset`` prints.
    :param listing: what ``nft -s -a list ruleset`` prints, for the texts of the rules.
    :param covered: the tables that iptables-save shows of iptables-nft; their built-in chains are left out.
    """
    entries = json.loads(ruleset)["nftables"] if ruleset.strip() else []
    asleep = _asleep(listing)
    tables = _chains(entries, _texts(listing))
    for chain in (entry["chain"] for entry in entries if "chain" in entry):
        hook, family, table = _hook(chain), chain["family"], chain["table"]
        is_covered = family == "ip" and table in covered and chain["name"] in _BUILT_IN
        if hook and family in _FAMILIES and not is_covered and (family, table) not in asleep:
            policy, priority = chain.get("policy", "accept"), int(chain["prio"])
            chains = tables.get((family, table), {})
            yield BaseChain(f"nft {family} {table}", chain["name"], hook, priority, policy, chains)


def _asleep(listing: str) -> set[tuple[str, str]]:
    """Return the family and name of each table whose chains the kernel does not call.

    The JSON of nft 1.0.6 shows any text for the flags of a table.
    """
    found = set()
    family = table = ""
    for line in listing.split("\n"):
        start = _TABLE.match(line)
        if start:
            family, table = start[1], start[2]
        elif line.startswith("\tflags ") and "dormant" in line:
            found.add((family, table))
    return found


def _hook(chain: Mapping[str, Any]) -> str:
    """Return the key of HOOKS for a base chain; empty for other chains."""
    is_nat = chain.get("type") == "nat"
    return next((name for name, hook in HOOKS.items() if (hook.place, hook.is_nat) == (chain.get("hook"), is_nat)), "")


def _chains(entries: Entries, texts: _Texts) -> dict[tuple[str, str], dict[str, list[Rule]]]:
    """Return the rules of each chain by its name, for each family and table."""
    sets = _sets(entries)
    found: dict[tuple[str, str], dict[str, list[Rule]]] = {}
    for rule in (entry["rule"] for entry in entries if "rule" in entry):
        table, chain = (rule["family"], rule["table"]), rule["chain"]
        text = texts.get((*table, rule["handle"]), json.dumps(rule["expr"]))
        step = partial(nft_rules.step_of, rule["expr"], sets.get(table, {}))
        found.setdefault(table, {}).setdefault(chain, []).append(Rule(text, chain, step))
    return found


def _sets(entries: Entries) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the elements of each named set and map by its name, for each family and table."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in (entry.get("set") or entry.get("map") for entry in entries):
        if one:
            found.setdefault((one["family"], one["table"]), {})[one["name"]] = one.get("elem", ())
    return found


def _texts(listing: str) -> dict[tuple[str, str, int], str]:
    """Return the text of each rule. One with a long set stands in several lines."""
    texts: dict[tuple[str, str, int], str] = {}
    family = table = before = ""
    for line in listing.split("\n"):
        start = _TABLE.match(line)
        if start:
            family, table = start[1], start[2]
        before = f"{before} {line.strip()}" if before else line
        match = _HANDLE.match(before)
        if match:
            texts[family, table, int(match[2])] = match[1]
        if match or not line.strip().endswith((",", "{")):
            before = ""
    return texts
