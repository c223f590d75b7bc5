# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that may make a forward for some people alone, so that the inventory must not make it for everybody."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.conflicts import concerns, network_of
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import Forward, Ports
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.rule_text import Rule, read

from .forward_remarks import Goal, Plan


def obstacle(plan: Plan, goal: Goal) -> str:
    """The rule that leads to a goal under conditions that no forward has; empty if there is none."""
    read_ones = (
        one["restriction"] or one["rule"]
        for one in (*plan.restricted, *plan.elsewhere, *(one for one, _problem in plan.refused if one["source"]))
        if goal.is_of(one)
    )
    unread = (line for line in plan.system.host.found["forwards"]["unread"] if _may_lead(read(line), goal, plan.public))
    return next(iter((*read_ones, *unread)), "")


def _may_lead(rule: Rule, goal: Goal, public: str) -> bool:
    ports = Ports(goal.port, goal.port)
    is_other, network = network_of(rule, "-d")
    if public and (IPv4Address(public) in network) == is_other:
        return False
    return _goes_to(rule, goal.to) and concerns(rule, Forward(goal.protocol, ports, IPv4Address(goal.to), ports))


def _goes_to(rule: Rule, address: str) -> bool:
    value = rule.arguments[1] if len(rule.arguments) > 1 else ""
    first, _dash, last = value.partition(":")[0].partition("-")
    try:
        if rule.target == "NETMAP":
            return IPv4Address(address) in IPv4Network(value, strict=False)
        return rule.target == "DNAT" and IPv4Address(first) <= IPv4Address(address) <= IPv4Address(last or first)
    except ValueError:
        return False
