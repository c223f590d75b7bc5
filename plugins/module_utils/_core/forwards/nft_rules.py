# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that nft made and that lead packets somewhere, in the form in which iptables-save would print them.

So they are judged as the rules of iptables are. What that form has no word for becomes the condition UNREAD: such a
rule may match, and nobody can tell when. Releases of nft differ in what they print, so no form of a rule is an error.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence

#: A condition that iptables has no word for.
UNREAD = "--unread"
# Expressions after which the packet goes on, whatever they do.
_HARMLESS = ("counter", "log", "mangle", "notrack", "ct helper", "comment")
_PROTOCOLS = ("tcp", "udp")
#: Whoever looks into their headers looks at packets of this protocol alone.
_TRANSPORTS = (*_PROTOCOLS, "sctp", "dccp", "udplite", "icmp", "igmp", "esp", "ah", "comp")
# nft prints a number where the machine has no list of names.
_NUMBERS = {"6": "tcp", "17": "udp"}
_PORTS = re.compile(r"[0-9]+(:[0-9]+)?\Z")
_LAST_PORT = 65535
_LEADING = re.compile(r"\b(?:dnat|redirect|jump|goto|vmap)\b")
_ANYWHERE = "-j DNAT"
#: More lines for one rule help nobody.
_LINES = 32
_LINKS = {"iifname": "-i", "iif": "-i"}
_ADDRESSES = {"saddr": "-s", "daddr": "-d"}

_Expression = Mapping[str, Any]
#: The values of which a packet must have one, by the options of iptables.
_Conditions = Dict[str, List[str]]


def chains(listing: str, base: str) -> dict[str, list[str]]:
    """Read a table.

    :param listing: what ``nft --json list table`` prints.
    :param base: the chain with the hook. It is called PREROUTING in what is returned.
    :returns: the rules of each chain, as iptables-save prints them.
    """
    try:
        entries = json.loads(listing or "{}").get("nftables", [])
    except ValueError:
        return {"PREROUTING": [f"-A {base} {UNREAD} {_ANYWHERE}"]}
    found: dict[str, list[str]] = {}
    for entry in entries:
        rule = entry.get("rule")
        if rule:
            name = str(rule["chain"])
            lines = _lines_of_any(name, rule.get("expr", []))
            found.setdefault("PREROUTING" if name == base else name, []).extend(lines)
    return found


def _lines_of_any(chain: str, expressions: Sequence[Any]) -> list[str]:
    """The lines of a rule. One of a form that is not known may lead any packet anywhere."""
    try:
        return list(_lines(chain, expressions))
    except (AttributeError, KeyError, TypeError, ValueError):
        return [f"-A {chain} {UNREAD} {_ANYWHERE}"] if _LEADING.search(json.dumps(expressions)) else []


def _lines(chain: str, expressions: Sequence[Any]) -> Iterator[str]:
    conditions: _Conditions = {}
    for expression in expressions:
        # What nft has no form for is a text, as in its own language.
        parts: Mapping[str, Any] = expression if isinstance(expression, dict) else {str(expression): None}
        ((kind, value),) = list(parts.items())[:1] or [("", None)]
        if kind == "match":
            if not _add(conditions, value):
                return
        elif kind == "vmap":
            yield from _mapped(chain, conditions, value)
        elif kind in ("dnat", "redirect", "jump", "goto"):
            for target in _targets(kind, value, conditions):
                yield from _written(chain, conditions, target)
            return
        elif kind in ("accept", "drop", "return", "queue", "reject"):
            yield from _written(chain, conditions, f"-j {kind.upper()}")
            return
        elif kind not in _HARMLESS:
            conditions[UNREAD] = [""]
            if parts is not expression and _LEADING.search(kind):
                yield from _written(chain, conditions, _ANYWHERE)


def _add(conditions: _Conditions, match: _Expression) -> bool:
    """Add a condition; return whether an IPv4 packet can meet it."""
    left, operator = match["left"], match.get("op", "==")
    negated, values = operator == "!=", _values(match["right"])
    key = left.get("meta", {}).get("key", "")
    if key in ("nfproto", "protocol"):
        return bool((("ipv4" if key == "nfproto" else "ip") in values) != negated)
    if left.get("ct", {}).get("key") == "state" and "new" in values and not negated:
        # Only the first packet of a connection gets here.
        return True
    protocol = left.get("payload", {}).get("protocol", "")
    if protocol == "ip6":
        return False
    if protocol in _TRANSPORTS:
        _meet(conditions, "-p", [protocol])
    name = _name(left)
    if operator in _BOUNDS and name == "--dport" and isinstance(match["right"], int):
        first, last = _BOUNDS[operator](match["right"])
        _meet(conditions, name, [f"{first}:{last}"])
        return first <= last
    texts = [_text(name, value) for value in values]
    if not name or operator in _BOUNDS or not all(texts) or (negated and len(texts) > 1 and name != "--dport"):
        conditions[UNREAD] = [""]
        return True
    texts = [",".join(texts)] if name == "--dport" else texts
    _meet(conditions, name, [f"! {text}" if negated else text for text in texts])
    return True


#: The ports on one side of another port.
_BOUNDS: Mapping[str, Callable[[int], tuple[int, int]]] = {
    "<": lambda port: (1, port - 1),
    "<=": lambda port: (1, port),
    ">": lambda port: (port + 1, _LAST_PORT),
    ">=": lambda port: (port, _LAST_PORT),
}


def _values(right: Any) -> list[Any]:
    values = right["set"] if isinstance(right, dict) and "set" in right else right
    listed = values if isinstance(values, list) else [values]
    return [value["elem"]["val"] if isinstance(value, dict) and "elem" in value else value for value in listed]


def _meet(conditions: _Conditions, name: str, texts: Sequence[str]) -> None:
    """Add what packets have to be, too. Of two conditions for one thing the narrower one is kept."""
    earlier = conditions.get(name)
    if earlier is None or set(texts) <= set(earlier):
        conditions[name] = list(texts)
    elif not set(earlier) <= set(texts):
        conditions[UNREAD] = [""]
        if earlier[0].startswith("!"):
            conditions[name] = list(texts)


def _name(left: _Expression) -> str:
    """The option of iptables for what a match looks at; empty if there is none."""
    key = left.get("meta", {}).get("key", "")
    if key in _LINKS:
        return _LINKS[key]
    if key == "l4proto" or left.get("payload", {}) == {"protocol": "ip", "field": "protocol"}:
        return "-p"
    if left.get("fib", {}).get("result") == "type" and left["fib"].get("flags") in ("daddr", ["daddr"]):
        return "--dst-type"
    payload = left.get("payload", {})
    if payload.get("protocol") in (*_PROTOCOLS, "th") and payload.get("field") == "dport":
        return "--dport"
    return _ADDRESSES.get(payload.get("field", ""), "") if payload.get("protocol") == "ip" else ""


def _text(name: str, value: Any) -> str:
    """A value as iptables writes it; empty if it has no word for it."""
    if isinstance(value, dict):
        if "prefix" in value:
            return f"{value['prefix']['addr']}/{value['prefix']['len']}"
        value = ":".join(map(str, value["range"])) if "range" in value and name == "--dport" else ""
    text = str(value)
    if "@" in text or (name == "--dport" and not _PORTS.match(text)):
        return ""
    if name == "-p":
        return _NUMBERS.get(text, text)
    # nft has a star for any rest of an interface's name, and iptables a plus.
    text = f"{text[:-1]}+" if text.endswith("*") else text
    return text.upper() if text == "local" else text


def _targets(kind: str, value: Any, conditions: _Conditions) -> list[str]:
    """Where a statement leads, as the end of a rule."""
    if kind in ("jump", "goto"):
        return [f"-{kind[0]} {value['target']}"]
    if kind == "redirect":
        return ["-j REDIRECT"]
    if value.get("family") == "ip6":
        return []
    address, port = value.get("addr"), value.get("port")
    if isinstance(port, dict) and "range" in port:
        port = "-".join(map(str, port["range"]))
    if isinstance(address, str) and isinstance(port, (int, str, type(None))):
        return [f"{_ANYWHERE} --to-destination {address}" + ("" if port is None else f":{port}")]
    _add_keys(conditions, address)
    return [_ANYWHERE]


def _add_keys(conditions: _Conditions, address: Any) -> None:
    """Add which ports a map of addresses is for."""
    described = address.get("map") if isinstance(address, dict) else None
    if not described:
        return
    data = described["data"]
    keys = [key for key, _address in data["set"]] if isinstance(data, dict) and "set" in data else ["@"]
    _add(conditions, {"left": described["key"], "right": {"set": keys}, "op": "=="})


def _mapped(chain: str, conditions: _Conditions, value: Any) -> Iterator[str]:
    """The lines of a map of verdicts, one for each key that leads to a chain."""
    data = value["data"]
    if not isinstance(data, dict):
        # A map with a name has its elements somewhere else.
        found = dict(conditions)
        if _add(found, {"left": value["key"], "right": "@"}):
            yield from _written(chain, found, _ANYWHERE)
        return
    for key, verdict in data["set"]:
        for way in ("jump", "goto"):
            found = dict(conditions)
            if way in (verdict or ()) and _add(found, {"left": value["key"], "right": key}):
                yield from _written(chain, found, f"-{way[0]} {verdict[way]['target']}")


def _written(chain: str, conditions: Mapping[str, Sequence[str]], target: str) -> Iterator[str]:
    conditions = dict(conditions)
    while math.prod(map(len, conditions.values())) > _LINES:
        del conditions[max(conditions, key=lambda name: len(conditions[name]))]
        conditions[UNREAD] = [""]
    # The order in which iptables-save prints them.
    names = sorted(conditions, key=lambda name: (name not in ("-s", "-d"), name not in ("-i", "-p"), name))
    for values in itertools.product(*(conditions[name] for name in names)):
        yield " ".join([f"-A {chain}", *map(_word, names, values), target])


def _word(name: str, value: str) -> str:
    return f"{'! ' if value.startswith('! ') else ''}{name} {value.lstrip('! ')}".rstrip()
