# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Have one owner's forwards in force: the way from a request to rules, flows and what is noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from ..._core.forwards import plan as firewall
from ..._core.forwards.plan import NAT, Found, Plan
from ..._core.forwards.request import ForwardError, Request
from ..commands import CommandError, Runner
from . import conntrack as flows
from . import neighbours, rollback
from .iptables import ensure, is_missing, read, refuse_strict_firewalld
from .restore import put_back

_MISSING_NOTE = "iptables is not installed yet: check mode assumes a host without rules"


@dataclass(frozen=True)
class Done:
    """What was done, or would be in check mode.

    :param token: what confirms the rules; empty where they need not be confirmed.
    """

    plan: Plan
    notes: tuple[str, ...] = ()
    token: str = ""

    @property
    def changed(self) -> bool:
        """Whether any rule changed."""
        return firewall.changes(self.plan)


def carry_out(
    name: str,
    request: Request | None,
    run: Runner,
    check_mode: bool = False,
    seconds: int = 0,
    strict: bool = True,
    elsewhere: bool = False,
    spared: Sequence[int] | None = None,
    link: str = "",
) -> Done:
    """Give one owner the rules that the request asks for (None: no rules), and verify them.

    The caller holds the lock, unless this is check mode: what it keeps for the next boot must be of the same moment.
    Without the lock, and not before the rules are confirmed, it has the flows forgotten that they do not move.

    :param seconds: how long the host waits for a confirmation of changed rules before it puts the earlier ones back;
        0 for no such wait.
    :param strict: whether to refuse what somebody else does already; otherwise it is named in a note.
    :param elsewhere: whether the public address is none of the host's own.
    :param spared: the ports on which the host itself may listen and that a forward may take; None for all of them.
    :param link: the interface that has the public address; empty if nobody knows it.
    :raises ForwardError: if the rules cannot have the effect that was asked for.
    :raises CommandError: if a command fails, or the kernel shows other rules afterwards; the earlier rules are back.
    """

    def decide(found: Found) -> Plan:
        return firewall.plan(name, request, found)

    # A check may come before the installation; and where iptables is gone, there is nothing of it to take away.
    bare = (check_mode or request is None) and is_missing(run)
    found, chains = read(run, bare)
    plan = decide(found)
    notes = tuple(firewall.notes(plan))
    if request is not None:
        notes += (_MISSING_NOTE,) if bare else ()
        # Rules that stay as they are take nothing from programs of the host.
        others = neighbours.read(run, found, chains, elsewhere, spared if plan[NAT].changed else None, link)
        conflicts = firewall.conflicts(request, found, others)
        if strict:
            firewall.refuse_conflicts(conflicts)
        notes += tuple(conflict.text for conflict in conflicts)
        if request.forwards:
            refuse_strict_firewalld(run, chains)
            notes += tuple(map(_dropping_note, chains.dropping()))
    if check_mode or not firewall.changes(plan):
        return Done(plan, notes)
    flows.owe(name, plan[NAT].before.rules(), plan[NAT].after.rules())
    token = rollback.arm(name, seconds, found) if seconds else ""
    try:
        ensure(run, decide, plan, bare)
    except (CommandError, ForwardError):
        put_back(name, found, run)
        if token:
            rollback.disarm(name, token)
        raise
    return Done(plan, notes, token)


def _dropping_note(chain: str) -> str:
    return (
        f"the nftables chain {chain} drops all packets that it does not accept, and no iptables rule can override it;"
        " make sure that it has the rule 'ct status dnat accept'"
    )
