# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which nftables chains beside those of iptables refuse what is forwarded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_IPTABLES_OWN = {("ip", "filter"), ("ip", "raw"), ("ip", "mangle"), ("ip", "security")}
#: The chain of the table nat of iptables-nft.
_IPTABLES_NAT = ("ip", "nat", "PREROUTING")
_IPTABLES_PRIORITY = -100


@dataclass(frozen=True)
class Hooked:
    """A chain that sees packets before their destination is looked up, and may change it.

    :param is_first: whether it sees them before the table nat of iptables does. None for the same priority: then the
        one that was loaded last is first, and nobody can tell which one that was.
    """

    family: str
    table: str
    name: str
    is_first: bool | None


class Chains:
    """What ``nft -j list chains`` prints; empty text stands for a host without nftables."""

    def __init__(self, listing: str) -> None:
        entries: list[dict[str, Any]] = json.loads(listing)["nftables"] if listing.strip() else []
        self._chains = [entry["chain"] for entry in entries if "chain" in entry]

    def has(self, family: str, table: str, name: str) -> bool:
        """Whether there is such a chain."""
        return any((chain["family"], chain["table"], chain["name"]) == (family, table, name) for chain in self._chains)

    def translating(self, is_read: bool) -> list[Hooked]:
        """The chains of others that may lead IPv4 packets somewhere.

        :param is_read: whether iptables shows the chain that has the name of its own.
        """
        return [
            Hooked(chain["family"], chain["table"], chain["name"], _is_first(chain["prio"]))
            for chain in self._chains
            if chain.get("hook") == "prerouting"
            and chain.get("type") == "nat"
            and chain["family"] in ("ip", "inet")
            and not (is_read and (chain["family"], chain["table"], chain["name"]) == _IPTABLES_NAT)
        ]

    def dropping(self) -> list[str]:
        """The chains of others that see forwarded IPv4 packets and drop what they do not accept."""
        return [
            f"{chain['family']} {chain['table']} {chain['name']}"
            for chain in self._chains
            if chain.get("hook") == "forward"
            and chain.get("policy") == "drop"
            and chain["family"] in ("ip", "inet")
            and (chain["family"], chain["table"]) not in _IPTABLES_OWN
        ]


def _is_first(priority: int) -> bool | None:
    return None if priority == _IPTABLES_PRIORITY else priority < _IPTABLES_PRIORITY
