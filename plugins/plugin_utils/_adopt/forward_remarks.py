# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the inventory's forwards do not say of the host's rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.address import ipv4_address

from .model import AFTER, BEFORE, DECIDE, Remark, System
from .network import WEB, Forward, covers, inner, is_for

FORWARDS = "nat_host_forwards"
_PLACE = re.compile(r"^forwards\[\d+\]\.\w+: ")


class Goal(NamedTuple):
    """A port that the site needs."""

    protocol: str
    port: int
    to: str

    def __str__(self) -> str:
        return f"{self.protocol}/{self.port} to {self.to}"

    def is_of(self, one: Forward) -> bool:
        """Whether a forward leads to this guest, from the port or to the port."""
        is_there = one["to"] == self.to and one["protocol"] == self.protocol
        return is_there and (covers(inner(one), self.port) or covers(one["port"], self.port))


@dataclass
class Plan:
    """The forwards of an inventory.

    :param public: the public address, empty if it is not known.
    :param ports: the UDP ports of all bridges, by their addresses.
    :param here: the host's forwards of the public address.
    :param elsewhere: the host's forwards of other addresses, or of other interfaces.
    :param restricted: those that belong to the site, and whose packets FORWARD lets pass for some senders alone.
    :param entries: the forwards of the inventory.
    :param taken: the host's forwards that the inventory has.
    :param refused: those that a run would refuse, and why.
    :param added: what the inventory has, and no rule of the host.
    :param impossible: what a run would refuse, and why.
    :param held_back: what the inventory has not, and the rule because of which.
    """

    system: System
    public: str
    proxy: str
    local: str
    ports: Mapping[str, int]
    here: list[Forward] = field(default_factory=list)
    elsewhere: list[Forward] = field(default_factory=list)
    restricted: list[Forward] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    taken: list[Forward] = field(default_factory=list)
    refused: list[tuple[Forward, str]] = field(default_factory=list)
    added: list[Goal] = field(default_factory=list)
    impossible: list[tuple[Goal, str]] = field(default_factory=list)
    held_back: list[tuple[Goal, str]] = field(default_factory=list)

    @property
    def goals(self) -> list[Goal]:
        """What the site needs, as far as the addresses are known."""
        found = [Goal("tcp", int(port), self.proxy) for port in WEB]
        found += [Goal("udp", port, address) for address, port in self.ports.items()]
        return [goal for goal in found if ipv4_address(goal.to)]

    @property
    def host(self) -> str:
        """The host's name."""
        return self.system.host.machine


def remarks(plan: Plan) -> Iterator[Remark]:
    """Return the remarks about the forwards, and about the rules of the host."""
    against = list(_against(plan))
    for part in (_contradictions(plan, against), _added(plan), _impossible(plan), _held_back(plan), _restricted(plan)):
        yield from part
    for part in (_left(plan, [one for one, _goal in against]), _elsewhere(plan), _conditions(plan), _moved(plan)):
        yield from part
    yield from _unread(plan)
    yield from _done(plan)


def _against(plan: Plan) -> Iterator[tuple[Forward, Goal]]:
    """The rules that lead a port of the site to another place than its own."""
    others = [one for one in plan.here if one not in plan.taken]
    for goal in plan.goals:
        for one in others:
            if one["protocol"] == goal.protocol and covers(one["port"], goal.port) and not _is_there(one, goal):
                yield one, goal


def _is_there(one: Forward, goal: Goal) -> bool:
    return one["to"] == goal.to and (not one["to_port"] or covers(one["to_port"], goal.port))


def _contradictions(plan: Plan, against: Sequence[tuple[Forward, Goal]]) -> Iterator[Remark]:
    for one, goal in against:
        to, wanted = one["to"], goal.to
        if to == wanted:
            to, wanted = f"{to}:{one['to_port']}", f"{wanted}:{goal.port}"
        what = f"A rule leads {goal.protocol}/{goal.port} to {to}, but the inventory says {wanted}"
        remedy = "Check which machine is meant, and remove the wrong rule or correct the forward"
        yield Remark(plan.host, what, remedy, FORWARDS)


def _added(plan: Plan) -> Iterator[Remark]:
    for goal in plan.added:
        if not any(one["protocol"] == goal.protocol and covers(one["port"], goal.port) for one in plan.here):
            remedy = "Leave the forward in the inventory, because the site needs it"
            yield Remark(plan.host, f"No rule leads {goal}", remedy, FORWARDS)


def _impossible(plan: Plan) -> Iterator[Remark]:
    for goal, problem in plan.impossible:
        what = f"A run would refuse a forward of {goal} ({_PLACE.sub('', problem)})"
        if goal.protocol == "udp":
            remedy = "Give each bridge a UDP port of its own (videobridge_port), and add its forward"
        else:
            remedy = f"Correct the address, and add the forward to {FORWARDS}"
        yield Remark(plan.host, what, remedy, FORWARDS)
    for one, problem in plan.refused:
        what = f"A run would refuse a forward like the rule {one['rule']!r} ({_PLACE.sub('', problem)})"
        yield Remark(plan.host, what, f"Check the rule, and add what is right to {FORWARDS}", FORWARDS)


def _held_back(plan: Plan) -> Iterator[Remark]:
    told = [one["rule"] for one in plan.elsewhere if _is_of_other_bridge(one, plan)]
    for goal, rule in plan.held_back:
        if rule in told:
            continue
        what = f"The inventory has no forward of {goal}, because the rule {rule!r} may not be for everybody"
        if goal.protocol == "udp":
            remedy = "Add it with its sources; without it the first run forwards the port for everybody"
        else:
            remedy = "Add it, with sources if only some may connect; until then your own rule counts"
        yield Remark(plan.host, what, remedy, FORWARDS, BEFORE)


def _restricted(plan: Plan) -> Iterator[Remark]:
    """The forwards of some senders alone that the site itself does not need."""
    for one in plan.restricted:
        if not any(goal.is_of(one) for goal, _rule in plan.held_back):
            what = f"The rule {one['restriction']!r} lets only some senders reach {_name(one)}"
            yield Remark(plan.host, what, f"Add the forward to {FORWARDS}, with its sources", FORWARDS)


def _left(plan: Plan, against: Sequence[Forward]) -> Iterator[Remark]:
    """The rules that lead to machines of the site, and are not the site's."""
    named = [*plan.taken, *plan.restricted, *against, *(one for one, _problem in plan.refused)]
    for one in plan.here:
        if one in named or one["to"] not in {plan.proxy, *plan.ports}:
            continue
        if one["protocol"] == "tcp" and one["port"] == "4443":
            what = f"The rule for {_name(one)} leads to {_goal(one)}, where the videobridge does not listen"
            yield Remark(plan.host, what, "Remove the rule from the host", FORWARDS)
        else:
            what = f"The rule for {_name(one)} leads to {_goal(one)}, and does not belong to Jitsi"
            is_shared = any(one["rule"] == other["rule"] for other in plan.taken)
            stay = "Leave this port in the rule" if is_shared else "Leave the rule on the host"
            yield Remark(plan.host, what, f"{stay}, or add it to {FORWARDS}", FORWARDS)


def _elsewhere(plan: Plan) -> Iterator[Remark]:
    for one in plan.elsewhere:
        if one["to"] not in {plan.proxy, *plan.ports}:
            continue
        remedy, when = "Leave the rule on the host", DECIDE
        if _has_address(one, plan):
            what = f"The rule for {_name(one)} takes packets from {one['interface']} alone, where {plan.public} is not"
        else:
            address = one["public_address"]
            what = f"The rule for {_name(one)} of {address} leads to {_goal(one)}, and {FORWARDS} is for {plan.public}"
            if _is_of_other_bridge(one, plan):
                remedy, when = f"{remedy}, and set videobridge_public_addresses to {address} on that machine", BEFORE
        yield Remark(plan.host, what, remedy, FORWARDS, when)


def _has_address(one: Forward, plan: Plan) -> bool:
    return is_for({**one, "interface": ""}, plan.public, plan.system)


def _is_of_other_bridge(one: Forward, plan: Plan) -> bool:
    """Whether a rule leads media of another public address to a further bridge."""
    port = plan.ports.get(one["to"], 0)
    is_bridge = one["to"] not in (plan.proxy, plan.local) and one["protocol"] == "udp" and covers(inner(one), port)
    return is_bridge and not _has_address(one, plan)


def _conditions(plan: Plan) -> Iterator[Remark]:
    for one in plan.taken:
        if one["interface"]:
            what = f"The rule for {_name(one)} takes packets from {one['interface']} alone"
            remedy = "Nothing, if the public address is enough; no variable names an interface"
            yield Remark(plan.host, what, remedy, FORWARDS)


def _is_moved(one: Forward, plan: Plan) -> bool:
    """Whether a rule leads to another port of the proxy than its sites will have."""
    return one["to"] == plan.proxy and bool(one["to_port"])


def _moved(plan: Plan) -> Iterator[Remark]:
    for one in plan.taken:
        if _is_moved(one, plan):
            what = f"The rule for {_name(one)} leads to {_goal(one)}, and the proxy's new sites listen on {one['port']}"
            is_shared = any(one["rule"] == other["rule"] and other not in plan.taken for other in plan.system.forwards)
            gone = "Take the port out of the rule" if is_shared else "Remove the rule"
            remedy = f"{gone} before the first run, which refuses to stand beside it"
            yield Remark(plan.host, what, remedy, FORWARDS, BEFORE)
        elif one["protocol"] == "udp" and one["to_port"] and covers(inner(one), plan.ports[one["to"]]):
            what = f"The rule for {_name(one)} leads to {_goal(one)}, but the bridge tells its clients its own port"
            remedy = "Check whether the bridge should have the public port, and correct the forward"
            yield Remark(plan.host, what, remedy, FORWARDS)


def _unread(plan: Plan) -> Iterator[Remark]:
    found, host = plan.system.host.found["forwards"], plan.host
    add = f"Add the forward to {FORWARDS} if it belongs to Jitsi"
    named = [rule for _goal, rule in plan.held_back]
    for rule in found["unread"]:
        if rule not in named:
            yield Remark(host, f"The rule {rule!r} cannot be read as a forward", add, FORWARDS)
    if found["nftables"]:
        yield Remark(host, f"nft made {found['nftables']} rules with dnat, which were not read", add, FORWARDS)
    for owner in found["owners"]:
        yield Remark(
            host,
            f"selfhosted.jitsi.port_forwards has made forwards under the name {owner!r}",
            "Set nat_host_name to another name if they belong to another site",
            FORWARDS,
        )


def _done(plan: Plan) -> Iterator[Remark]:
    """The rules that are of no use any more after the first run."""
    moved = [one["rule"] for one in plan.taken if _is_moved(one, plan)]
    ours = [one for one in plan.taken if one["rule"] not in moved]
    rest: dict[str, list[Forward]] = {one["rule"]: [] for one in ours}
    for one in plan.system.forwards:
        if one["rule"] in rest and one not in ours:
            rest[one["rule"]].append(one)
    whole = [one for one in ours if not rest[one["rule"]]]
    if whole:
        what = f"Your own rules for {_names(whole)} do the same as those of the collection"
        remedy = "Remove these DNAT and ACCEPT rules after the first run, and what restores them at boot"
        yield Remark(plan.host, what, remedy, FORWARDS, AFTER)
    for rule, others in rest.items():
        if others:
            here = _names([one for one in ours if one["rule"] == rule])
            what = f"Your own rule {rule!r} has {here}, as the collection has them, but other ports, too"
            remedy = f"Take {here} out of it after the first run, and leave {_names(others)} in it"
            yield Remark(plan.host, what, remedy, FORWARDS, AFTER)


def _name(one: Forward) -> str:
    return f"{one['protocol']}/{one['port']}"


def _goal(one: Forward) -> str:
    return f"{one['to']}:{inner(one)}"


def _names(forwards: Sequence[Forward]) -> str:
    return " and ".join(dict.fromkeys(map(_name, forwards)))
