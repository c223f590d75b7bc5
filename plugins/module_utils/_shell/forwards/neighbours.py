# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who else may have the packets of forwards: rules of nft and of the other iptables, and programs of the host."""

from __future__ import annotations

from typing import Sequence

from ..._core.forwards import listeners, nft_rules
from ..._core.forwards import plan as firewall
from ..._core.forwards.conflicts import Neighbour, Others
from ..._core.forwards.nftables import Chains, Hooked
from ..._core.forwards.plan import Found
from ..commands import Runner, try_call
from . import requests
from .iptables import is_nft


def read(
    run: Runner, found: Found, chains: Chains, elsewhere: bool, spared: Sequence[int] | None, link: str = ""
) -> Others:
    """Read who else may have the packets of forwards.

    :param found: the tables of iptables.
    :param chains: which chains nftables has.
    :param elsewhere: whether the public address is none of the host's own.
    :param spared: the ports of the host itself that a forward may take; None for all of them.
    :param link: the interface that has the public address; empty if nobody knows it.
    """
    waiting: tuple[listeners.Listener, ...] = ()
    if spared is not None and not elsewhere:
        waiting = listeners.parse(try_call(run, listeners.SHOW), try_call(run, listeners.EPHEMERAL))
    is_read = is_nft(run) or firewall.has_other_nat(found)
    neighbours = [*firewall.other_variant(found), *_of_nft(run, chains.translating(is_read))]
    return Others(requests.kept(), neighbours, waiting, spared or (), elsewhere, link)


def _of_nft(run: Runner, chains: Sequence[Hooked]) -> list[Neighbour]:
    # The elements of large sets are of no use here, and --terse leaves them out.
    return [
        Neighbour(
            f"nftables (table {hooked.family} {hooked.table}, here in the words of iptables)",
            nft_rules.chains(
                try_call(run, ["nft", "--json", "--terse", "list", "table", hooked.family, hooked.table]), hooked.name
            ),
            hooked.is_first,
        )
        for hooked in chains
    ]
