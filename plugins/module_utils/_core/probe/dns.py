# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of a name, judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from .verdict import Verdict, verdict_of


@dataclass(frozen=True)
class DnsSeen:
    """The addresses of a name.

    :param ipv4: in dotted form.
    :param ipv6: each with the reason why it does not answer, empty if it does.
    :param error: why the look-up failed. A name without addresses is no error.
    """

    ipv4: tuple[str, ...] = ()
    ipv6: tuple[tuple[str, str], ...] = ()
    error: str = ""


def judge_dns(request: Mapping[str, Any], seen: DnsSeen) -> Verdict:
    """Say whether a name leads to the expected IPv4 addresses alone, and to no IPv6 address that fails."""
    expected = request["expect_address"]
    allowed = set(expected.split())
    if seen.error:
        return verdict_of(request, False, expected, f"look-up failed: {seen.error}", "Check the DNS resolver")
    silent = [address for address, problem in seen.ipv6 if problem]
    ok = bool(seen.ipv4) and set(seen.ipv4) <= allowed and not silent
    remedies = filter(None, (_remedy_ipv4(request, seen.ipv4), _remedy_ipv6(request, silent)))
    return verdict_of(request, ok, expected, _found(seen), ". ".join(remedies))


def _found(seen: DnsSeen) -> str:
    if not seen.ipv4 and not seen.ipv6:
        return "does not resolve"
    words = [_listed(seen.ipv4) or "no IPv4 address"]
    words += [f"and {address}, which {problem or 'answers'}" for address, problem in seen.ipv6]
    return ", ".join(words)


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _remedy_ipv4(request: Mapping[str, Any], found: Sequence[str]) -> str:
    name, addresses = request["domain"], request["expect_address"].split()
    if not found:
        return f"Add an A record for {name} with {addresses[0]} at your DNS provider"
    if not set(addresses) & set(found):
        return f"Change the A record of {name} to {addresses[0]} at your DNS provider"
    return f"Remove the A records of {name} other than {_listed(addresses)}" if set(found) - set(addresses) else ""


def _remedy_ipv6(request: Mapping[str, Any], silent: Sequence[str]) -> str:
    if not silent:
        return ""
    name = request["domain"]
    words = f"Remove the AAAA record of {name}, because the site serves IPv4 only"
    return f"{words}, or make port 443 of {_listed(silent)} answer; if it does, check from a machine that has IPv6"
