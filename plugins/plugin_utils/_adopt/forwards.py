# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forwards that belong to Jitsi, among all that the host has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .forward_remarks import FORWARDS, Goal, Plan, remarks
from .model import Findings, Setting, System
from .network import WEB, Forward, covers, guests_network, inner, is_for, public_address, refusal
from .obstacles import obstacle

#: Ports of TURN servers.
_TURN = ("3478", "4446", "5349")


def decide_forwards(system: System, proxy: str, local: str, bridges: Mapping[str, int]) -> Findings:
    """Return the forwards that the collection shall make, and what is left to others.

    :param proxy: the proxy's address.
    :param local: the Jitsi machine's address.
    :param bridges: the addresses and the ports of further bridges.
    """
    ports = {address: int(port) for address, port in {local: system.bridge["port"] or 10000, **bridges}.items()}
    public, network = public_address(system), guests_network(system)
    plan = Plan(system, public, proxy, local, ports)
    plan.here += [one for one in system.forwards if is_for(one, public, system)]
    plan.elsewhere += [one for one in system.forwards if one not in plan.here]
    belong = [one for one in plan.here if _belongs(one, proxy, ports, system)]
    plan.restricted += [one for one in belong if one["restriction"]]
    ours = [one for one in belong if not one["restriction"]]
    for same in _same(ours):
        entry = _written(same, proxy)
        problem = refusal(public, network, [*plan.entries, entry])
        plan.refused += [(one, problem) for one in same if problem]
        plan.taken += [] if problem else same
        plan.entries += [] if problem else [entry]
    _add_missing(plan, network)
    comment = f"The rules on {system.host.machine} that belong to Jitsi"
    return Findings([Setting(FORWARDS, plan.entries, comment)], list(remarks(plan)))


def _add_missing(plan: Plan, network: str) -> None:
    """Add the forwards that the site needs and nobody makes, unless this could open what is restricted now."""
    for goal in plan.goals:
        if any(_reaches(one, goal) for one in plan.taken):
            continue
        rule = obstacle(plan, goal)
        entry = {"protocol": goal.protocol, "port": goal.port, "to": goal.to}
        problem = "" if rule else refusal(plan.public, network, [*plan.entries, entry])
        if rule:
            plan.held_back.append((goal, rule))
        elif problem:
            plan.impossible.append((goal, problem))
        else:
            plan.entries.append(entry)
            plan.added.append(goal)


def _reaches(one: Forward, goal: Goal) -> bool:
    """Whether a forward leads to a goal, by its public port or by that of a bridge."""
    has_port = covers(one["port"], goal.port) or (goal.protocol == "udp" and covers(inner(one), goal.port))
    return one["protocol"] == goal.protocol and one["to"] == goal.to and has_port


def _belongs(one: Forward, proxy: str, ports: Mapping[str, int], system: System) -> bool:
    if one["to"] == proxy and one["protocol"] == "tcp":
        return one["port"] in WEB
    if one["to"] not in ports:
        return False
    if one["protocol"] == "udp" and covers(inner(one), ports[one["to"]]):
        return True
    turn = "jitsi-meet-turnserver" in system.jitsi.found["jitsi"]["packages"]
    if turn and one["port"] in _TURN:
        return True
    tcp = system.bridge["tcp_port"]
    return one["protocol"] == "tcp" and bool(tcp) and covers(inner(one), tcp)


def _same(forwards: Sequence[Forward]) -> list[list[Forward]]:
    """The forwards, those that differ in their sources together."""
    found: dict[tuple[str, ...], list[Forward]] = {}
    for one in forwards:
        key = tuple(one[name] for name in ("protocol", "port", "to", "to_port"))
        found.setdefault(key, []).append(one)
    return list(found.values())


def _written(same: Sequence[Forward], proxy: str) -> dict[str, Any]:
    one = same[0]
    entry: dict[str, Any] = {"protocol": one["protocol"], "port": _number(one["port"]), "to": one["to"]}
    # The proxy's sites listen on the public ports.
    if one["to_port"] and one["to"] != proxy:
        entry["to_port"] = _number(one["to_port"])
    sources = [each["source"] for each in same]
    if all(sources):
        entry["sources"] = list(dict.fromkeys(sources))
    return entry


def _number(port: str) -> int | str:
    return int(port) if port.isdigit() else port
