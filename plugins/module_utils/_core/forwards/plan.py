# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every place in which one owner's rules stand, planned together.

A packet passes only if every table that sees it lets it pass. So the own chain that accepts forwarded packets stands
in the table filter of the iptables in use, and also where another program refuses: in the table filter of the other
variant of iptables, and in the table of libvirt's nftables backend.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Iterator, Mapping

from ..outcome import Outcome
from . import iptables as ruleset
from . import libvirt as libvirt_nftables
from .conflicts import Conflict, Neighbour, Others
from .conflicts import find as find_conflicts
from .request import ForwardError, Request

LIBVIRT, IPTABLES = "nft", "iptables"


@dataclass(frozen=True)
class Place:
    """A table, and the program that shows and changes it.

    :param program: ``nft``, ``iptables``, or ``iptables-nft`` or ``iptables-legacy`` where that is not the one in use.
    :param table: its name.
    """

    program: str
    table: str

    def __str__(self) -> str:
        return f"nft table ip {self.table}" if self.program == LIBVIRT else f"{self.program} -t {self.table}"


IN_USE = tuple(Place(IPTABLES, table) for table in ruleset.TABLES)
NAT = Place(IPTABLES, "nat")
LIBVIRTS = Place(LIBVIRT, libvirt_nftables.TABLE)
#: So many conflicts are named; with more of them nobody reads on.
_SHOWN = 10

#: What was read: for each place the text in which its program prints it.
Found = Mapping[Place, str]
#: What was decided for each place.
Plan = Mapping[Place, Outcome[Any]]


def plan(name: str, request: Request | None, found: Found) -> Plan:
    """Decide what one owner's rules shall be, everywhere.

    :param name: the owner.
    :param request: what shall be there; None for nothing at all.
    :raises ForwardError: if a text does not show its table.
    """
    outcomes: dict[Place, Outcome[Any]] = {}
    for place, text in found.items():
        if place.program == LIBVIRT:
            outcomes[place] = libvirt_nftables.plan(name, request, text)
            continue
        needed = place in IN_USE or (place.table == "filter" and ruleset.refuses_forwards(text))
        outcomes[place] = ruleset.plan(place.table, name, request if needed else None, text)
    return outcomes


def plan_back(name: str, earlier: Found, found: Found) -> Plan:
    """Decide how one owner's rules get back to what they were.

    :param earlier: what was read then. A place that was not there then had none of the rules.
    :param found: what was read now. A place that is gone since then has nothing that could be put back.
    """
    outcomes: dict[Place, Outcome[Any]] = {}
    for place, text in found.items():
        before = plan(name, None, {place: earlier[place]})[place].before if place in earlier else None
        if before is None:
            outcomes.update(plan(name, None, {place: text}))
        elif place.program == LIBVIRT:
            outcomes[place] = libvirt_nftables.plan_back(before, text)
        else:
            outcomes[place] = ruleset.plan_back(before, name, text)
    return outcomes


def changes(outcomes: Plan) -> bool:
    """Whether anything has to be done."""
    return any(outcome.changed for outcome in outcomes.values())


def feed(place: Place, outcome: Outcome[Any]) -> str:
    """Return what the place's program has to be fed with; empty if there is nothing to do."""
    return libvirt_nftables.ruleset(outcome) if place.program == LIBVIRT else ruleset.ruleset(outcome)


def notes(outcomes: Plan) -> Iterator[str]:
    """Say what the user should know of the places, one sentence each."""
    for place, outcome in outcomes.items():
        yield from outcome.notes
        if place in IN_USE or not outcome.after.render():
            continue
        if place.program == LIBVIRT:
            yield f"libvirt protects its networks with nftables: the forwards are also accepted in ip {place.table}"
        else:
            yield (
                f"{place.program} is not in use, but has rules that refuse forwarded packets:"
                " the forwards are also accepted there"
            )


def conflicts(request: Request, found: Found, others: Others) -> list[Conflict]:
    """Return who else has packets that the request asks for."""
    return list(find_conflicts(request, ruleset.chains("nat", found[NAT]), others))


def other_variant(found: Found) -> list[Neighbour]:
    """Return what the table nat of the iptables that is not in use does."""
    return [Neighbour(place.program, ruleset.chains(place.table, found[place]), None) for place in _other_nat(found)]


def has_other_nat(found: Found) -> bool:
    """Whether the iptables that is not in use showed its table nat."""
    return bool(_other_nat(found))


def _other_nat(found: Found) -> list[Place]:
    return [place for place in found if place.table == NAT.table and place.program not in (IPTABLES, LIBVIRT)]


def refuse_conflicts(conflicts_found: Iterable[Conflict]) -> None:
    """Raise ForwardError if somebody else has the packets that are asked for."""
    refused = [conflict for conflict in conflicts_found if conflict.refused]
    if refused:
        texts = "; ".join(conflict.text for conflict in refused[:_SHOWN])
        texts += f"; and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
        remedies = ". ".join(dict.fromkeys(conflict.remedy for conflict in refused))
        raise ForwardError(f"Cannot forward ports: {texts}. {remedies}.")


def refuse_strict_firewalld(listing: str) -> None:
    """Raise ForwardError if firewalld lets no forwards of others pass.

    :param listing: what ``nft list chain inet firewalld filter_FORWARD`` prints.
    """
    if listing and "ct status dnat accept" not in listing:
        raise ForwardError(
            "Cannot forward ports: firewalld refuses the forwards of other programs (StrictForwardPorts=yes), and "
            "no iptables rule can override it; set StrictForwardPorts=no in /etc/firewalld/firewalld.conf and "
            "restart firewalld"
        )
