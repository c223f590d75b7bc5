# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules that one owner has and shall have in the table in which libvirt's nftables backend guards its networks.

A packet passes only if every table lets it pass, and libvirt's refuses what comes from outside. Only an own chain
inside this table helps, with a jump in libvirt's chain ``forward`` directly above libvirt's own; libvirt leaves it
alone. What an administrator put above libvirt's jumps stays above ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Iterator

from ..outcome import Outcome
from .request import EVERYONE, Forward, Request

FAMILY, TABLE, PARENT = "ip", "libvirt_network", "forward"

_CHAIN = re.compile(r"\tchain (\S+) \{")
_HANDLE = re.compile(r"\A\t\t(.*?)(?: # handle (\d+))\Z")
_LIBVIRTS_JUMP = re.compile(r"\bjump guest_\w+\Z")
_OWN_JUMP = re.compile(r"jump PF-\S+\Z")


@dataclass(frozen=True)
class LibvirtOwned:
    """What one owner has in libvirt's table.

    :param rules: the rules of the own chain; None where there is no chain.
    :param jumps: the own jump in libvirt's chain ``forward``; where it stands wrong, with the rules that it is moved
        past.
    :param handles: the numbers by which the own jumps are deleted.
    :param below: the number of the rule that the own jump stands directly above; empty for the end of the chain.
    :param neighbour: the rule of others that comes next, empty for none; None without a jump.
    """

    chain: str
    rules: tuple[str, ...] | None
    jumps: tuple[str, ...]
    handles: tuple[str, ...] = field(default=(), compare=False)
    below: str = field(default="", compare=False)
    neighbour: str | None = field(default=None, compare=False)

    def render(self) -> str:
        """Return the text for a diff, empty if there is nothing."""
        lines = [] if self.rules is None else [f"add chain {FAMILY} {TABLE} {self.chain}"]
        lines += [f"add rule {FAMILY} {TABLE} {PARENT} {line}" for line in self.jumps]
        lines += [f"add rule {FAMILY} {TABLE} {self.chain} {line}" for line in self.rules or ()]
        return "".join(f"{line}\n" for line in lines)


def plan(name: str, request: Request | None, listing: str) -> Outcome[LibvirtOwned]:
    """Decide what one owner's rules in libvirt's table shall be.

    :param name: the owner.
    :param request: what shall be there; None for nothing at all.
    :param listing: what ``nft -a list table ip libvirt_network`` prints.
    """
    # The table is empty while no network runs, and libvirt must find us there when it starts one.
    rules = tuple(_rules(request)) if request and request.forwards else None
    return _beside_others(_chain(name), rules, rules is not None, listing)


def plan_back(earlier: LibvirtOwned, listing: str) -> Outcome[LibvirtOwned]:
    """Decide how one owner's rules get back to what they were."""
    return _beside_others(earlier.chain, earlier.rules, bool(earlier.handles), listing, earlier.neighbour)


def _beside_others(
    chain: str, rules: tuple[str, ...] | None, jumps: bool, listing: str, neighbour: str | None = None
) -> Outcome[LibvirtOwned]:
    """Compare what is wanted with what is there, and find the jump's place among the rules of others."""
    jump = f"jump {chain}"
    chains = _parse(listing)
    lines = [(text, handle) for text, handle in chains.get(PARENT, ()) if text == jump or not _OWN_JUMP.match(text)]
    others = [line for line in lines if line[0] != jump]
    end = next((index for index, (text, _handle) in enumerate(others) if _LIBVIRTS_JUMP.search(text)), len(others))
    before = [text for text, _handle in lines]
    texts = [text for text, _handle in others]
    if neighbour is not None and neighbour in (*texts, ""):
        end = texts.index(neighbour) if neighbour else len(texts)
    found_below = next((text for text in before[before.index(jump) :] if text != jump), "") if jump in before else None
    after = [*texts[:end], *([jump] if jumps else ()), *texts[end:]]
    if before == after:
        before = after = [jump] if jumps else []
    else:
        _cut_what_is_alike(before, after, jump)
    found = tuple(text for text, _handle in chains[chain]) if chain in chains else None
    handles = tuple(handle for text, handle in lines if text == jump)
    below = others[end][1] if end < len(others) else ""
    return Outcome(
        LibvirtOwned(chain, found, tuple(before), handles, neighbour=found_below),
        LibvirtOwned(chain, rules, tuple(after) if jumps else (), below=below),
    )


def _cut_what_is_alike(before: list[str], after: list[str], jump: str) -> None:
    """Leave out the rules of others that the own jump is not moved past."""
    for end in (0, -1):
        while before and after and before[end] == after[end] != jump:
            del before[end], after[end]


def ruleset(outcome: Outcome[LibvirtOwned]) -> str:
    """Return what ``nft -f -`` has to be fed with, as one transaction; empty if there is nothing to do."""
    if not outcome.changed:
        return ""
    before, after = outcome.before, outcome.after
    place = f"{FAMILY} {TABLE}"
    lines = []
    if after.rules is not None:
        lines += [f"add chain {place} {after.chain}", f"flush chain {place} {after.chain}"]
        lines += [f"add rule {place} {after.chain} {rule}" for rule in after.rules]
    lines += [f"delete rule {place} {PARENT} handle {handle}" for handle in before.handles]
    if after.jumps and after.below:
        lines.append(f"insert rule {place} {PARENT} position {after.below} jump {after.chain}")
    elif after.jumps:
        lines.append(f"add rule {place} {PARENT} jump {after.chain}")
    if before.rules is not None and after.rules is None:
        lines += [f"flush chain {place} {after.chain}", f"delete chain {place} {after.chain}"]
    return "".join(f"{line}\n" for line in lines)


def _chain(name: str) -> str:
    return f"PF-{name}-FWD"


def _parse(listing: str) -> dict[str, list[tuple[str, str]]]:
    """Return the rules of each chain, each with its handle."""
    chains: dict[str, list[tuple[str, str]]] = {}
    rules: list[tuple[str, str]] = []
    for line in listing.split("\n"):
        match = _CHAIN.match(line)
        if match:
            rules = chains.setdefault(match[1], [])
            continue
        rule = _HANDLE.match(line)
        if rule:
            # Counters would make every look different.
            rules.append((re.sub(r"counter packets \d+ bytes \d+", "counter", rule[1]), rule[2]))
    return chains


def _rules(request: Request) -> Iterator[str]:
    yield f"ip saddr {request.network} ct status dnat ct direction reply accept"
    # Two public ports may lead to one port of a guest.
    yield from dict.fromkeys(line for forward in request.forwards for line in _accept(forward))


def _accept(forward: Forward) -> Iterator[str]:
    for source in forward.sources:
        yield (
            f"{_from(source)}ip daddr {forward.to} {forward.protocol} dport {forward.to_ports} ct status dnat accept"
        )


def _from(source: IPv4Network) -> str:
    if source == EVERYONE:
        return ""
    return f"ip saddr {source.network_address if source.prefixlen == 32 else source} "
