# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the clients, which are in the site's config.js."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js.edit import PRESENT, edits_from
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError

from .model import BEFORE, Findings, Remark, Setting, System

STUN, CLIENTS = "jitsi_meet_stun_servers", "jitsi_meet_config_js"
_KEY_OF_STUN = "p2p.stunServers"
#: Variables of their own have these.
_OTHERS_KEYS = (_KEY_OF_STUN, "hosts.anonymousdomain")

Change = Mapping[str, Any]


def decide_clients(system: System) -> Findings:
    """Return what the site's config.js says otherwise than that of its package."""
    findings, site, machine = Findings(), system.site, system.jitsi.machine
    file = f"/etc/jitsi/meet/{system.fqdn}-config.js"
    if site["problem"]:
        what = f"{file} cannot be read ({site['problem']})"
        findings.remarks.append(Remark(machine, what, "Correct the file before the first run", CLIENTS, BEFORE))
        return findings
    findings.add(_stun(system, file))
    findings.add(_others(system, file))
    if not site["has_original"]:
        what = "The package's own config.js is not there, so that changes by hand cannot be told"
        remedy = f"Nothing, because a run keeps them; for a new machine add them to {CLIENTS}"
        findings.remarks.append(Remark(machine, what, remedy, CLIENTS))
    return findings


def _others(system: System, file: str) -> Findings:
    """The settings that have no variable of their own."""
    findings, machine = Findings(), system.jitsi.machine
    others = [change for change in system.site["changes"] if not change["key"].startswith(_OTHERS_KEYS)]
    listed, refused = _accepted([change for change in others if change["plain"] and not change["secret"]])
    if listed:
        findings.settings.append(Setting(CLIENTS, listed, f"Changed by hand in {file} on {machine}"))
    kinds = {key: f"a value that {CLIENTS} cannot hold ({error})" for key, error in refused.items()}
    for change in others:
        if not change["plain"]:
            kinds[change["key"]] = "a computed value, or to one that depends on a condition"
        elif change["secret"]:
            kinds[change["key"]] = "a value that may be secret"
    for key, kind in kinds.items():
        remedy = f"Nothing, because a run keeps the line; for a new machine add it to {CLIENTS}"
        findings.remarks.append(Remark(machine, f"{file} sets {key} to {kind}", remedy, CLIENTS))
    return findings


def _accepted(changes: Sequence[Change]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The items of the variable, and what the module config_js says of the others, by their keys."""
    listed: list[dict[str, Any]] = []
    refused: dict[str, str] = {}
    for change in changes:
        item = {"key": change["key"], "value": change["value"]}
        try:
            edits_from({**each, "state": PRESENT} for each in (*listed, item))
        except CoreError as error:
            refused[change["key"]] = str(error)
        else:
            listed.append(item)
    return listed, refused


def _stun(system: System, file: str) -> Findings:
    findings, machine = Findings(), system.jitsi.machine
    found = system.site["stun"]
    servers, others = found["servers"], found["others"]
    change = next((each for each in system.site["changes"] if each["key"].startswith(_KEY_OF_STUN)), None)
    if change and not change["plain"]:
        what = f"{file} sets {change['key']} to a computed value, or to one that depends on a condition"
        remedy = f"Set {STUN}, because the first run replaces the line"
        findings.remarks.append(Remark(machine, what, remedy, STUN, BEFORE))
    elif servers and change:
        findings.settings.append(Setting(STUN, servers, f"Set by hand in {file} on {machine}"))
    elif servers:
        what = f"{file} names the STUN servers of the package, {', '.join(servers)}"
        remedy = f"Nothing, because the first run switches them off; to keep them, add them to {STUN}"
        findings.remarks.append(Remark(machine, what, remedy, STUN))
    if others:
        what = f"{file} has {others} servers that no URL of the kind stun:HOST:PORT names"
        findings.remarks.append(Remark(machine, what, "See docs/guides/turn.md for a TURN server", STUN))
    return findings
