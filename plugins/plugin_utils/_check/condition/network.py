# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge whether a machine finds names, has a way out, and has its address."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

WAY_OUT = "{machine} finds names and has a way out"
ADDRESS = "{machine} has its address"
#: Which variable says the address of a machine, by its role.
_VARIABLES = {
    "host": "nat_host_public_address",
    "proxy": "the forwards of the inventory (nat_host_forwards)",
    "jitsi": "jitsi_meet_local_address",
    "bridge": "videobridge_local_address",
}


def judge_way_out(machine: str, seen: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Verdict]:
    """Return one verdict about names and the default route; none if nobody asked for them.

    :param seen: ``resolves``, ``gateway``, ``name_servers`` and ``missing_addresses`` of condition_info.
    :param wanted: optionally ``gateway``, the address of the expected one.
    """
    if not seen["gateway"] and not seen["resolves"]:
        return []
    expected_gateway = str(wanted.get("gateway") or "")
    faults = [fault for fault in (_route(machine, seen, expected_gateway), _names(machine, seen)) if fault]
    found = "; ".join(fault[0] for fault in faults) or _way(seen)
    remedy = "; ".join(fault[1] for fault in faults)
    expected = f"names, and the gateway {expected_gateway}" if expected_gateway else "names, and a default route"
    return [Verdict(WAY_OUT.format(machine=machine), not faults, expected, found, remedy)]


def _way(seen: Mapping[str, Any]) -> str:
    gateway = seen["gateway"]
    way = [f"{gateway['address'] or 'a route'} at {gateway['device']}"] if gateway else []
    return ", ".join([*way, *seen["resolves"]])


def _route(machine: str, seen: Mapping[str, Any], wanted: str) -> tuple[str, str] | None:
    """Return what is wrong with the default route, and its remedy."""
    gateway = seen["gateway"]
    if not gateway:
        return None
    to = f"Set the gateway of {machine} to {wanted or 'the address of its router'} in its network configuration"
    if not gateway["device"]:
        return "there is no default route", to
    if wanted and gateway["address"] != wanted:
        return f"the gateway is {gateway['address'] or 'the device ' + gateway['device']}", to
    if gateway["answers"] is False:
        where = f"{gateway['address']} at {gateway['device']}"
        return f"the gateway {where} does not answer ({gateway['state']})", (
            f"See that {gateway['address']} runs, and that {gateway['device']} of {machine} is in its network"
        )
    return None


def _names(machine: str, seen: Mapping[str, Any]) -> tuple[str, str] | None:
    lost = {name: answer["problem"] for name, answer in seen["resolves"].items() if answer["problem"]}
    if not lost:
        return None
    words = [f"{name}: {problem}" for name, problem in lost.items()]
    servers = ", ".join(seen["name_servers"]) or "none"
    return "; ".join(words), f"Set a name server that answers in /etc/resolv.conf on {machine} (there now: {servers})"


def judge_address(machine: str, seen: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Verdict]:
    """Return a verdict if a machine lacks an address; the row about the way out speaks for one that is right.

    :param wanted: ``role``.
    """
    lacking = seen["missing_addresses"]
    if not lacking:
        return []
    found = f"no network device has {', '.join(lacking)}"
    variable = _VARIABLES[wanted["role"]]
    remedy = f"Correct {variable} and run selfhosted.jitsi.site, or correct the network configuration of {machine}"
    return [Verdict(ADDRESS.format(machine=machine), False, "the address of the inventory", found, remedy)]
