# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that nft made and that lead packets somewhere, in the form in which iptables-save would print them.

So they are judged as the rules of iptables are. What that form has no word for becomes the condition UNREAD: such a
rule may match, and nobody can tell when.
"""

from __future__ import annotations

import itertools
import json
from typing import Any, Iterator, Mapping, Sequence

#: A condition that iptables has no word for.
UNREAD = "--unread"
# Expressions after which the packet goes on, whatever they do.
_HARMLESS = ("counter", "log", "mangle", "notrack", "ct helper", "comment")
_PROTOCOLS = ("tcp", "udp")
_LINKS = {"iifname": "-i", "iif": "-i"}
_ADDRESSES = {"saddr": "-s", "daddr": "-d"}

_Expression = Mapping[str, Any]


def chains(listing: str, base: str) -> dict[str, list[str]]:
    """Read a table.

    :param listing: what ``nft --json list table`` prints.
    :param base: the chain with the hook. It is called PREROUTING in what is returned.
    :returns: the rules of each chain, as iptables-save prints them.
    """
    found: dict[str, list[str]] = {}
    for entry in json.loads(listing or "{}").get("nftables", []):
        rule = entry.get("rule")
        if rule:
            name = str(rule["chain"])
            found.setdefault("PREROUTING" if name == base else name, []).extend(_lines(name, rule.get("expr", [])))
    return found


def _lines(chain: str, expressions: Sequence[_Expression]) -> Iterator[str]:
    conditions: dict[str, list[str]] = {}
    for expression in expressions:
        ((kind, value),) = list(expression.items())[:1] or [("", None)]
        if kind == "match":
            if not _add(conditions, value):
                return
        elif kind in ("dnat", "redirect", "jump", "goto", "vmap"):
            for target in _targets(kind, value, conditions):
                yield from _written(chain, conditions, target)
            return
        elif kind in ("accept", "drop", "return", "queue", "reject"):
            yield from _written(chain, conditions, f"-j {kind.upper()}")
            return
        elif kind not in _HARMLESS:
            conditions[UNREAD] = [""]


def _add(conditions: dict[str, list[str]], match: _Expression) -> bool:
    """Add a condition; return whether an IPv4 packet can meet it."""
    left, right, negated = match["left"], match["right"], match.get("op") == "!="
    values = right["set"] if isinstance(right, dict) and "set" in right else [right]
    key = left.get("meta", {}).get("key", "")
    if key == "nfproto":
        return ("ipv4" in values) != negated
    if left.get("payload", {}).get("protocol") == "ip6":
        return False
    name = _name(left)
    texts = [_text(value, ":" if name == "--dport" else "-") for value in values]
    if name == "--dport":
        texts = [",".join(texts)]
        if left["payload"]["protocol"] in _PROTOCOLS:
            conditions["-p"] = [left["payload"]["protocol"]]
    if not name or any(not text or "@" in text for text in texts) or (negated and len(texts) > 1):
        conditions[UNREAD] = [""]
    else:
        conditions[name] = [f"! {text}" if negated else text for text in texts]
    return True


def _name(left: _Expression) -> str:
    """The option of iptables for what a match looks at; empty if there is none."""
    key = left.get("meta", {}).get("key", "")
    if key in _LINKS:
        return _LINKS[key]
    if key == "l4proto" or left.get("payload", {}) == {"protocol": "ip", "field": "protocol"}:
        return "-p"
    if left.get("fib", {}).get("result") == "type" and left["fib"].get("flags") == ["daddr"]:
        return "--dst-type"
    payload = left.get("payload", {})
    if payload.get("protocol") in (*_PROTOCOLS, "th") and payload.get("field") == "dport":
        return "--dport"
    return _ADDRESSES.get(payload.get("field", ""), "") if payload.get("protocol") == "ip" else ""


def _text(value: Any, separator: str) -> str:
    """A value as iptables writes it; empty if it has no word for it."""
    if isinstance(value, dict):
        if "prefix" in value:
            return f"{value['prefix']['addr']}/{value['prefix']['len']}"
        if "range" in value and separator == ":":
            return separator.join(map(str, value["range"]))
        return ""
    text = str(value)
    # nft has a star for any rest of an interface's name, and iptables a plus.
    text = f"{text[:-1]}+" if text.endswith("*") else text
    return text.upper() if text == "local" else text


def _targets(kind: str, value: Any, conditions: dict[str, list[str]]) -> list[str]:
    """Where a statement leads, as the end of a rule."""
    if kind == "vmap":
        conditions[UNREAD] = [""]
        pairs = value["data"].get("set", []) if isinstance(value["data"], dict) else []
        verdicts = [verdict for _key, verdict in pairs if isinstance(verdict, dict)]
        return [f"-j {one[way]['target']}" for one in verdicts for way in ("jump", "goto") if way in one]
    if kind in ("jump", "goto"):
        return [f"-{kind[0]} {value['target']}"]
    if kind == "redirect":
        return ["-j REDIRECT"]
    address = value.get("addr")
    if value.get("family") == "ip6":
        return []
    if isinstance(address, str):
        port = value.get("port")
        return [f"-j DNAT --to-destination {address}" + (f":{port}" if isinstance(port, int) else "")]
    _add_keys(conditions, address)
    return ["-j DNAT"]


def _add_keys(conditions: dict[str, list[str]], address: Any) -> None:
    """Add which ports a map of addresses is for."""
    described = address.get("map") if isinstance(address, dict) else None
    if not described:
        return
    data = described["data"]
    keys = [key for key, _address in data["set"]] if isinstance(data, dict) and "set" in data else ["@"]
    _add(conditions, {"left": described["key"], "right": {"set": keys}, "op": "=="})


def _written(chain: str, conditions: Mapping[str, Sequence[str]], target: str) -> Iterator[str]:
    # The order in which iptables-save prints them.
    names = sorted(conditions, key=lambda name: (name not in ("-s", "-d"), name not in ("-i", "-p"), name))
    for values in itertools.product(*(conditions[name] for name in names)):
        yield " ".join([f"-A {chain}", *map(_word, names, values), target])


def _word(name: str, value: str) -> str:
    return f"{'! ' if value.startswith('! ') else ''}{name} {value.lstrip('! ')}".rstrip()
