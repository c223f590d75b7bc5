# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""The rules that one owner has and shall have, in the form in which iptables-save prints them.

An owner has up to three chains, and jumps to them:

* filter ``PF-<name>-FWD`` from FORWARD, above whatever would refuse the packets;
* nat ``PF-<name>-DNAT`` from PREROUTING and, with hairpin, from OUTPUT;
* nat ``PF-<name>-SNAT`` from POSTROUTING.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Iterator, Mapping

from .forwards import EVERYONE, Forward, ForwardError, Request
from .outcome import Outcome

TABLES = ("filter", "nat")
_SUFFIXES = {"filter": ("FWD",), "nat": ("DNAT", "SNAT")}

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_TARGET = re.compile(r" -[jg] (\S+)")
_NO_QUOTES_NEEDED = re.compile(r"[A-Za-z0-9_-]+\Z")
# Chains of libvirt, docker, ufw, firewalld, podman and kubernetes that may refuse what is forwarded.
_REFUSING_CHAIN = re.compile(r"LIBVIRT_FW|DOCKER|ufw-|FORWARD_|CNI-|NETAVARK|KUBE-")
# libvirt before 5.1 has no chains of its own: its rules match nothing but interfaces and addresses.
_REFUSING_RULE = re.compile(r"-A \S+(?: (?:! )?-[iod] \S+)* -j (?:REJECT|DROP)(?: |\Z)")


@dataclass(frozen=True)
class Owned:
    """What one owner has in one table.

    :param chains: own chains and their rules.
    :param parents: foreign chains and, in order, the own jumps in them; where a foreign rule stands above an own jump
        and must not, that rule too.
    """

    table: str
    chains: tuple[tuple[str, tuple[str, ...]], ...]
    parents: tuple[tuple[str, tuple[str, ...]], ...]

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
    before = _find(name, table, saved)
    wanted = _desire(request, table) if request else Owned(table, (), ())
    return Outcome(before, _beside_others(wanted, before))


def plan_back(earlier: Owned, name: str, saved: str) -> Outcome[Owned]:
    """Decide how one owner's rules get back to what they were.

    :param earlier: the ``before`` of an Outcome of :func:`plan`.
    :param name: the owner.
    :param saved: what ``iptables-save -t TABLE`` prints now.
    :raises ForwardError: if the text does not show the table.
    """
    before = _find(name, earlier.table, saved)
    own = {chain for chain, _rules in earlier.chains}
    jumps = {parent: tuple(line for line in lines if _target(line) in own) for parent, lines in earlier.parents}
    return Outcome(before, _beside_others(Owned(earlier.table, earlier.chains, _sorted(jumps)), before))


def own_rules(table: str, name: str, saved: str) -> tuple[str, ...]:
    """Return the rules of one owner's chains in a table, in the text of iptables-save."""
    return _find(name, table, saved).rules()


def refuses_forwards(saved: str) -> bool:
    """Whether a table filter, in the text of iptables-save, may refuse what other tables let pass."""
    if "*filter" not in saved.split("\n"):
        return False
    lines = _parse("filter", saved)[1].get("FORWARD", [])
    return any(line.startswith(":FORWARD DROP") for line in saved.split("\n")) or any(map(_may_refuse, lines))


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
            if _target(line) in own:
                yield line.replace("-A", "-D", 1)
    for parent in parents:
        for line in new.get(parent, ()):
            if _target(line) in own:
                # In POSTROUTING others go first: they leave our packets alone, and we theirs.
                yield line if parent == "POSTROUTING" else line.replace(f"-A {parent}", f"-I {parent} 1", 1)


def _own_chains(name: str, table: str) -> list[str]:
    return [f"PF-{name}-{suffix}" for suffix in _SUFFIXES[table]]


def _find(name: str, table: str, saved: str) -> Owned:
    """Pick out of a saved table what belongs to the owner."""
    declared, rules = _parse(table, saved)
    own = [chain for chain in _own_chains(name, table) if chain in declared]
    parents = {}
    for parent, lines in rules.items():
        jumps = [] if parent in own else _jumps_and_what_shadows_them(lines, own, parent == "FORWARD")
        if jumps:
            parents[parent] = tuple(jumps)
    return Owned(table, tuple((chain, tuple(rules.get(chain, ()))) for chain in own), _sorted(parents))


def empty(table: str) -> str:
    """Return what ``iptables-save`` prints of a table that nobody has put anything into."""
    return f"*{table}\nCOMMIT\n"


def _parse(table: str, saved: str) -> tuple[set[str], dict[str, list[str]]]:
    """Return the declared chains, and the rules of each chain."""
    # Not splitlines(): it also splits at characters that may stand in a comment.
    lines = saved.split("\n")
    if f"*{table}" not in lines:
        shown = "; ".join(line for line in lines if line) or "nothing"
        raise ForwardError(
            f"Cannot read the table {table}: iptables-save shows {shown}; if it calls the table incompatible, a rule "
            "made with nft stands in it: move that rule to a table of its own"
        )
    declared: set[str] = set()
    rules: dict[str, list[str]] = {}
    for line in lines[lines.index(f"*{table}") + 1 :]:
        if line == "COMMIT":
            break
        if line.startswith(":"):
            declared.add(line[1:].split(" ", 1)[0])
        elif line.startswith("-A "):
            rules.setdefault(line.split(" ", 2)[1], []).append(line)
    return declared, rules


def _jumps_and_what_shadows_them(lines: list[str], own: list[str], must_be_first: bool) -> list[str]:
    """Return the own jumps among the lines, with the refusing rules above the last of them if they must be first."""
    jumps = {index for index, line in enumerate(lines) if _target(line) in own}
    last = max(jumps, default=-1)
    return [
        line for index, line in enumerate(lines[: last + 1]) if index in jumps or (must_be_first and _may_refuse(line))
    ]


def _may_refuse(line: str) -> bool:
    return bool(_REFUSING_RULE.match(line) or _REFUSING_CHAIN.match(_target(line)))


def _target(line: str) -> str:
    """Return the chain or target that a rule leads to, empty if it has none."""
    match = _TARGET.search(_QUOTED.sub('""', line) if '"' in line else line)
    return match.group(1) if match else ""


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


def _beside_others(wanted: Owned, before: Owned) -> Owned:
    """Return what is wanted where others have rules: those that shadowed an own jump stay, below it."""
    parents = dict(wanted.parents)
    own = {chain for chain, _rules in wanted.chains + before.chains}
    for parent, lines in before.parents:
        if parent in parents:
            parents[parent] += tuple(line for line in lines if _target(line) not in own)
    return Owned(wanted.table, wanted.chains, _sorted(parents))


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
