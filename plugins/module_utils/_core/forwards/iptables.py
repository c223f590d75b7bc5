# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules that one owner has and shall have, in the form in which iptables-save prints them.

An owner has up to three chains, and jumps to them:

* filter ``PF-<name>-FWD`` from FORWARD, above what refuses everybody and below what an administrator refuses;
* nat ``PF-<name>-DNAT`` from PREROUTING and, with hairpin, from OUTPUT;
* nat ``PF-<name>-SNAT`` from POSTROUTING.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from typing import Iterator, Mapping

from ..outcome import Outcome
from . import chain as forward_chain
from .chain import FORWARD
from .request import EVERYONE, Forward, ForwardError, Request
from .rule_text import target

TABLES = ("filter", "nat")
_SUFFIXES = {"filter": ("FWD",), "nat": ("DNAT", "SNAT")}

_UNREACHED = (
    "forwarded packets do not reach the rule '{}', because they are accepted above it in FORWARD; insert the rule"
    " at the top of FORWARD (iptables -I)"
)
_EXCLUSIVE = (
    "the rule '{}' is above the forwards in FORWARD and accepts only some senders, so no other sender reaches a guest;"
    " to change this, accept forwarded packets above it (-m conntrack --ctstate DNAT -j ACCEPT)"
)
# The rule by which the guests' answers pass.
_GUESTS = re.compile(r"-s (\S+) -m conntrack --ctstate DNAT --ctdir REPLY ")
_NO_QUOTES_NEEDED = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(frozen=True)
class Owned:
    """What one owner has in one table.

    :param chains: own chains and their rules.
    :param parents: foreign chains and, in order, the own jumps in them; where an own jump stands wrong in FORWARD, also
        the rules that it is moved past.
    :param number: the number of the own jump in FORWARD; 0 for the end.
    :param below: the rule of others that comes next in FORWARD, empty for none; None without a jump there.
    """

    table: str
    chains: tuple[tuple[str, tuple[str, ...]], ...]
    parents: tuple[tuple[str, tuple[str, ...]], ...]
    number: int = field(default=0, compare=False)
    below: str | None = field(default=None, compare=False)

    def rules(self) -> tuple[str, ...]:
        """Return the rules of all own chains."""
        return tuple(rule for _chain, rules in self.chains for rule in rules)

    def render(self) -> str:
        """Return the text for a diff, empty if there is nothing."""
        lines = [f":{chain} - [0:0]" for chain, _rules in self.chains]
        lines += [line for _parent, jumps in self.parents for line in jumps]
        lines += [line for _chain, rules in self.chains for line in rules]
        return "".join(f"{line}\n" for line in [f"*{self.table}", *lines]) if lines else ""


def plan(table: str, name: str, request: Request | None, saved: str) -> Outcome[Owned]:
    """Decide what one owner's rules in one table shall be.

    :param table: one of TABLES.
    :param name: the owner.
    :param request: what shall be there; None for nothing at all.
    :param saved: what ``iptables-save -t TABLE`` prints.
    :raises ForwardError: if the text does not show the table.
    """
    wanted = _desire(request, table) if request else Owned(table, (), ())
    return _beside_others(wanted, name, saved)


def plan_back(earlier: Owned, name: str, saved: str) -> Outcome[Owned]:
    """Decide how one owner's rules get back to what they were.

    :param earlier: the ``before`` of an Outcome of :func:`plan`.
    :param name: the owner.
    :param saved: what ``iptables-save -t TABLE`` prints now.
    :raises ForwardError: if the text does not show the table.
    """
    own = {chain for chain, _rules in earlier.chains}
    jumps = {parent: tuple(line for line in lines if target(line) in own) for parent, lines in earlier.parents}
    return _beside_others(Owned(earlier.table, earlier.chains, _sorted(jumps)), name, saved, earlier.below)


def _beside_others(wanted: Owned, name: str, saved: str, below: str | None = None) -> Outcome[Owned]:
    """Compare what is wanted with what is there, and find the jump's place among the rules of others."""
    before = _find(name, wanted.table, saved)
    jumps = dict(wanted.parents).get(FORWARD)
    if wanted.table != "filter" or not jumps:
        return Outcome(before, wanted)
    guests = _GUESTS.search("\n".join(wanted.rules()))
    network = IPv4Network(guests[1]) if guests else EVERYONE
    place = forward_chain.place(parse("filter", saved)[1], jumps, _own_chains(name, "filter"), network, below)
    return Outcome(
        _with_forward(before, place.before, 0),
        _with_forward(wanted, place.after, place.number),
        (*map(_UNREACHED.format, place.unreached), *map(_EXCLUSIVE.format, place.exclusive)),
    )


def _with_forward(owned: Owned, lines: tuple[str, ...], number: int) -> Owned:
    parents = {**dict(owned.parents), FORWARD: lines}
    return replace(owned, parents=_sorted({parent: lines for parent, lines in parents.items() if lines}), number=number)


def own_rules(table: str, name: str, saved: str) -> tuple[str, ...]:
    """Return the rules of one owner's chains in a table, in the text of iptables-save."""
    return _find(name, table, saved).rules()


def chains(table: str, saved: str) -> dict[str, list[str]]:
    """Return the rules of each chain of a table that has any, in the text of iptables-save."""
    return parse(table, saved)[1]


def refuses_forwards(saved: str) -> bool:
    """Whether a table filter, in the text of iptables-save, may refuse what other tables let pass."""
    if "*filter" not in saved.split("\n"):
        return False
    drops = any(line.startswith(":FORWARD DROP") for line in saved.split("\n"))
    return drops or forward_chain.refuses(parse("filter", saved)[1])


def ruleset(outcome: Outcome[Owned]) -> str:
    """Return what iptables-restore --noflush has to be fed with; empty if there is nothing to do."""
    if not outcome.changed:
        return ""
    before, after = outcome.before, outcome.after
    old, new = dict(before.chains), dict(after.chains)
    lines = [f":{chain} - [0:0]" for chain in {**old, **new} if old.get(chain) != new.get(chain)]
    lines += [rule for chain, rules in after.chains if old.get(chain) != rules for rule in rules]
    lines += _move_jumps(before, after)
    lines += [f"-X {chain}" for chain in old if chain not in new]
    return "".join(f"{line}\n" for line in [f"*{before.table}", *lines, "COMMIT"])


def _move_jumps(before: Owned, after: Owned) -> Iterator[str]:
    """Delete all own jumps of the parents that differ, and put the right ones back."""
    old, new = dict(before.parents), dict(after.parents)
    own = {chain for chain, _rules in before.chains + after.chains}
    parents = [parent for parent in {**old, **new} if old.get(parent) != new.get(parent)]
    for parent in parents:
        for line in old.get(parent, ()):
            if target(line) in own:
                yield line.replace("-A", "-D", 1)
    for parent in parents:
        jumps = [line for line in new.get(parent, ()) if target(line) in own]
        # In POSTROUTING others go first: they leave our packets alone, and we theirs.
        first = {FORWARD: after.number, "POSTROUTING": 0}.get(parent, 1)
        for number, line in enumerate(jumps, first):
            yield line.replace(f"-A {parent}", f"-I {parent} {number}", 1) if first else line


def _own_chains(name: str, table: str) -> list[str]:
    return [f"PF-{name}-{suffix}" for suffix in _SUFFIXES[table]]


def _find(name: str, table: str, saved: str) -> Owned:
    """Pick out of a saved table what belongs to the owner."""
    declared, rules = parse(table, saved)
    own = [chain for chain in _own_chains(name, table) if chain in declared]
    parents = {}
    for parent, lines in rules.items():
        jumps = [] if parent in own else [line for line in lines if target(line) in own]
        if jumps:
            parents[parent] = tuple(jumps)
    found = tuple((chain, tuple(rules.get(chain, ()))) for chain in own)
    return Owned(table, found, _sorted(parents), below=forward_chain.next_below(rules.get(FORWARD, ()), own))


def empty(table: str) -> str:
    """Return what ``iptables-save`` prints of a table that nobody has put anything into."""
    return f"*{table}\nCOMMIT\n"


def parse(table: str, saved: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the policy of each declared chain (``-`` where it can have none), and the rules of each chain.

    :raises ForwardError: if the text does not show the table.
    """
    # Not splitlines(): it also splits at characters that may stand in a comment.
    lines = saved.split("\n")
    if f"*{table}" not in lines:
        shown = "; ".join(line for line in lines if line) or "nothing"
        raise ForwardError(
            f"Cannot read the table {table}: iptables-save printed {shown}; if it calls the table incompatible, move "
            "the rules that were added with nft to a table of their own"
        )
    declared: dict[str, str] = {}
    rules: dict[str, list[str]] = {}
    for line in lines[lines.index(f"*{table}") + 1 :]:
        if line == "COMMIT":
            break
        if line.startswith(":"):
            name, policy, *_counters = f"{line[1:]} -".split(" ")
            declared[name] = policy
        elif line.startswith("-A "):
            rules.setdefault(line.split(" ", 2)[1], []).append(line)
    return declared, rules


def _desire(request: Request, table: str) -> Owned:
    """Return what the request means in the table, if nobody else were there."""
    wanted = _desired_filter(request) if table == "filter" else _desired_nat(request)
    chains, parents = {}, {}
    for chain, (rules, jumps_from) in wanted.items():
        # A chain without rules would do nothing.
        if rules:
            chains[chain] = tuple(rules)
            parents.update({parent: (f"-A {parent} -j {chain}",) for parent in jumps_from})
    return Owned(table, tuple(chains.items()), _sorted(parents))


def _sorted(parents: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(sorted(parents.items()))


def _desired_filter(request: Request) -> dict[str, tuple[list[str], list[str]]]:
    (chain,) = _own_chains(request.name, "filter")
    rules = [line for forward in request.forwards for line in _accept(chain, forward)]
    if rules:
        # Under policy DROP the guests' answers need a rule as well.
        rules.insert(0, f"-A {chain} -s {request.network} -m conntrack --ctstate DNAT --ctdir REPLY -j ACCEPT")
    # Two public ports may lead to one port of a guest.
    return {chain: (list(dict.fromkeys(rules)), ["FORWARD"])}


def _desired_nat(request: Request) -> dict[str, tuple[list[str], list[str]]]:
    dnat, snat = _own_chains(request.name, "nat")
    forward_rules = [line for forward in request.forwards for line in _translate(dnat, request, forward)]
    source_rules = []
    if request.hairpin and request.forwards:
        source_rules.append(
            f"-A {snat} -s {request.network} -d {request.network} -m conntrack --ctstate DNAT -j MASQUERADE"
        )
    if request.masquerade:
        source_rules.append(f"-A {snat} -s {request.network} ! -d {request.network} -j MASQUERADE")
    return {
        dnat: (forward_rules, ["PREROUTING", "OUTPUT"] if request.hairpin else ["PREROUTING"]),
        snat: (source_rules, ["POSTROUTING"]),
    }


def _accept(chain: str, forward: Forward) -> Iterator[str]:
    for source in forward.sources:
        yield (
            f"-A {chain} {_from(source)}-d {forward.to}/32 {_match(forward.protocol, forward.to_ports.join(':'))}"
            f" -m conntrack --ctstate DNAT{_remark(forward.comment)} -j ACCEPT"
        )


def _translate(chain: str, request: Request, forward: Forward) -> Iterator[str]:
    for source in forward.sources:
        yield (
            f"-A {chain} {_from(source)}-d {request.public_address}/32 "
            f"{_match(forward.protocol, forward.ports.join(':'))}{_remark(forward.comment)}"
            f" -j DNAT --to-destination {_destination(forward)}"
        )


def _destination(forward: Forward) -> str:
    if forward.to_ports == forward.ports:
        return str(forward.to)
    target = f"{forward.to}:{forward.to_ports}"
    # Without the base port the kernel would pick any port of the range.
    return target if forward.ports.size == 1 else f"{target}/{forward.ports.first}"


def _from(source: IPv4Network) -> str:
    return "" if source == EVERYONE else f"-s {source} "


def _match(protocol: str, ports: str) -> str:
    return f"-p {protocol} -m {protocol} --dport {ports}"


def _remark(comment: str) -> str:
    """Return the match that holds a comment, quoted as iptables-save does it."""
    if not comment:
        return ""
    if not _NO_QUOTES_NEEDED.match(comment):
        comment = '"' + re.sub(r"[\"\\']", r"\\\g<0>", comment) + '"'
    return f" -m comment --comment {comment}"
