# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the rules of all firewalls of a machine, and its addresses."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Iterable

from ..._core.forwards import host_addresses
from ..._core.packets import iptables_rules, nft_ruleset
from ..._core.packets.routes import device_of
from ..._core.packets.walk import BaseChain
from ..commands import Runner, call, try_call
from ..forwards.iptables import has_legacy_tables, other_program

_LEGACY, _NFT, _DEFAULT = "iptables-legacy", "iptables-nft", "iptables"


def read_addresses(run: Runner) -> frozenset[IPv4Address]:
    """Return the IPv4 addresses of the machine.

    :raises CommandError: if they cannot be read.
    """
    listing = call(run, ["ip", "-json", "address", "show"], "", "read the machine's addresses", "iproute2")
    return frozenset(host_addresses.parse(listing).ipv4)


def read_devices(run: Runner, addresses: Iterable[IPv4Address]) -> dict[IPv4Address, str]:
    """Return by which interface packets to each address leave. One to which there is no way is left out."""
    said = {address: try_call(run, ["ip", "-4", "-json", "route", "get", str(address)]) for address in set(addresses)}
    return {address: device for address, text in said.items() if (device := device_of(text))}


def read_chains(run: Runner) -> list[BaseChain]:
    """Return the base chains of iptables, in both variants, and of nftables.

    :raises CommandError: if the rules of a tool that is there cannot be read.
    """
    saved = read_iptables(run)
    found = [chain for program, text in saved.items() for chain in iptables_rules.base_chains(program, text)]
    ruleset, listing = read_nftables(run)
    covered = iptables_rules.tables("\n".join(text for program, text in saved.items() if program != _LEGACY))
    return [*found, *nft_ruleset.base_chains(ruleset, listing, covered)]


def read_iptables(run: Runner) -> dict[str, str]:
    """Return what each variant of iptables has, by the name that results show."""
    version = try_call(run, [_DEFAULT, "--version"])
    if not version:
        return {}
    is_legacy = "nf_tables" not in version
    default = _LEGACY if is_legacy else _DEFAULT
    saved = {} if is_legacy and not has_legacy_tables() else {default: _save(run, _DEFAULT)}
    other = other_program(run)
    if other == _LEGACY:
        saved[other] = _save(run, other)
    elif other == _NFT:
        # It need not be installed, and the iptables in use is the other one.
        saved[other] = try_call(run, [f"{other}-save"])
    return saved


def _save(run: Runner, program: str) -> str:
    # Without -t it shows the tables that there are, and makes none.
    return call(run, [f"{program}-save"], "", f"read the rules of {program}", "iptables")


def read_nftables(run: Runner) -> tuple[str, str]:
    """Return the rules of nftables as JSON and as text; both empty without nft."""
    try:
        run(["nft", "--version"], "")
    except FileNotFoundError:
        return "", ""
    ruleset = call(run, ["nft", "-j", "list", "ruleset"], "", "read the rules of nftables", "nftables")
    return ruleset, try_call(run, ["nft", "-s", "-a", "list", "ruleset"])
