# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the statements of a rule of nftables do with a packet."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from . import walk
from .nft_values import ABSENT, UNKNOWN, Sets, equals, value_of
from .packet import Packet, Truth, negated
from .walk import PASS_BY, Step

_FINAL = {"accept": walk.ACCEPT, "drop": walk.DROP, "reject": walk.REJECT, "return": walk.RETURN}
_CHAINS = {"jump": walk.JUMP, "goto": walk.GOTO}
#: Statements after which the rule goes on.
_HARMLESS = (
    *("counter", "log", "mangle", "notrack", "dup", "secmark", "ct helper", "ct timeout", "ct expectation", "comment"),
    *("last",),
)
#: Statements by which a rule ends for packets of which nobody knows.
_UNKNOWN = ("limit", "quota", "ct count", "connlimit", "meter")
_TARGETS = {"REJECT": walk.REJECT, "LOG": walk.NEXT, "MARK": walk.NEXT, "CHECKSUM": walk.NEXT, "NFLOG": walk.NEXT}


def step_of(statements: Sequence[Mapping[str, Any]], sets: Sets, packet: Packet) -> Step:
    """Return what a rule does with a packet.

    :param statements: the ``expr`` of the rule.
    :param sets: the named sets and maps of its table.
    """
    is_sure = True
    for statement in statements:
        ((kind, body),) = statement.items()
        truth = _goes_on(kind, body, sets, packet)
        if truth is False:
            return PASS_BY
        is_sure = is_sure and truth is True
        if kind == "vmap":
            found, verdict = _look_up(body, sets, packet)
            return PASS_BY if found is False else _end(verdict, sets, packet, is_sure and found is True)
        if not _is_passed(kind, body, packet):
            return _end(statement, sets, packet, is_sure)
    return PASS_BY


def _goes_on(kind: str, body: Any, sets: Sets, packet: Packet) -> Truth:
    """Whether the rule goes on behind a statement."""
    if kind == "match":
        return _holds(body, sets, packet)
    is_filter = kind in _UNKNOWN or (kind == "set" and "stmt" in body) or (kind == "xt" and _xt(body)[0] == "match")
    return None if is_filter else True


def _is_passed(kind: str, body: Any, packet: Packet) -> bool:
    """Whether a statement decides nothing about the packet."""
    if kind == "flow":
        # The further packets of a connection in a flow table come here no more.
        return not packet.is_reply
    return kind in ("match", "set", *_UNKNOWN, *_HARMLESS) or (kind == "xt" and _xt(body)[0] == "match")


def _xt(body: Any) -> tuple[str, str]:
    """Return the type and the name of what iptables put into a rule."""
    return (str(body.get("type")), str(body.get("name"))) if isinstance(body, dict) else ("", "")


def _holds(body: Mapping[str, Any], sets: Sets, packet: Packet) -> Truth:
    value = value_of(body["left"], packet)
    if value is ABSENT:
        return False
    operator = body["op"]
    if operator not in ("==", "!=", "in", "!"):
        return None
    # Of several flags one is enough for "in", and "!" is its opposite.
    truth = equals(value, body["right"], sets, operator in ("in", "!"))
    return negated(truth) if operator.startswith("!") else truth


def _look_up(body: Mapping[str, Any], sets: Sets, packet: Packet) -> tuple[Truth, Any]:
    """Return whether a map has an element for the packet, and what stands there."""
    value, data = value_of(body["key"], packet), body["data"]
    if value is ABSENT:
        return False, None
    elements = sets.get(data[1:], ()) if isinstance(data, str) else data["set"]
    found: Truth = False
    for key, entry in elements:
        truth = equals(value, key, sets)
        if truth:
            return True, entry
        found = None if truth is None else found
    return (None if value is UNKNOWN else found), None


def _end(statement: Any, sets: Sets, packet: Packet, is_sure: bool) -> Step:
    """Return what the last statement of a rule does."""
    if not isinstance(statement, dict):
        return Step(walk.UNSURE, "", is_sure)
    ((kind, body),) = statement.items()
    if kind in _FINAL:
        return Step(_FINAL[kind], "", is_sure)
    if kind in _CHAINS:
        return Step(_CHAINS[kind], body["target"], is_sure)
    if kind == "continue":
        return PASS_BY
    if kind == "xt":
        return Step(_TARGETS.get(_xt(body)[1], walk.UNSURE), "", is_sure)
    if kind in ("dnat", "redirect", "snat", "masquerade"):
        return _translation(kind, body or {}, sets, packet, is_sure)
    return Step(walk.UNSURE, "", is_sure)


def _translation(kind: str, body: Mapping[str, Any], sets: Sets, packet: Packet, is_sure: bool) -> Step:
    if body.get("family") == "ip6":
        return PASS_BY
    if kind == "masquerade":
        return Step(walk.TRANSLATE, "masquerade", is_sure)
    kept = walk.ITSELF if kind == "redirect" else str(packet.destination)
    address, port = body.get("addr", kept), body.get("port", packet.port)
    (has_address, address), (has_port, port) = (_mapped(value, sets, packet) for value in (address, port))
    if has_address is False or has_port is False:
        return PASS_BY
    if isinstance(address, dict) and len(address.get("concat", ())) == 2:
        address, port = address["concat"]
    if not isinstance(address, str) or not isinstance(port, int):
        return Step(walk.UNSURE, "", is_sure)
    return Step(walk.TRANSLATE, address if kind == "snat" else f"{address}:{port}", is_sure)


def _mapped(value: Any, sets: Sets, packet: Packet) -> tuple[Truth, Any]:
    """Return whether there is a value for the packet, and the value: if it is a map, its element."""
    return _look_up(value["map"], sets, packet) if isinstance(value, dict) and "map" in value else (True, value)
