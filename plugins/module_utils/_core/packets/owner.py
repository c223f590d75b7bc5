# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which program made the rule that decides: its own tool changes it best."""

from __future__ import annotations

from .walk import Decision

UFW, FIREWALLD, DOCKER, LIBVIRT = "ufw", "firewalld", "docker", "libvirt"
_TABLES = {"firewalld": FIREWALLD, "libvirt_network": LIBVIRT, "docker-bridges": DOCKER}
_CHAINS = {
    "ufw-": UFW,
    "DOCKER": DOCKER,
    "LIBVIRT_": LIBVIRT,
    **dict.fromkeys(("IN_", "FWDI_", "FWDO_", "FWD_", "PRE_", "POST_", "INPUT_", "FORWARD_", "OUTPUT_"), FIREWALLD),
    **dict.fromkeys(("PREROUTING_", "POSTROUTING_"), FIREWALLD),
}
#: The chain by which one knows that a program has the base chains for itself, or sets their policy.
_POLICIES = {"ufw-before-input": UFW, "DOCKER-USER": DOCKER}
_FIREWALLDS = "INPUT_ZONES"


def owner_of(decision: Decision) -> str:
    """Return the program whose rule or policy decides; empty if it is none of those that are known."""
    table = decision.base.table.split(" ")[-1]
    if table in _TABLES:
        return _TABLES[table]
    for start, owner in _CHAINS.items():
        if decision.chain.startswith(start):
            return owner
    chains = decision.base.chains
    if decision.chain == decision.base.name and not decision.is_policy:
        return FIREWALLD if _FIREWALLDS in chains else ""
    return next((owner for chain, owner in _POLICIES.items() if decision.is_policy and chain in chains), "")
