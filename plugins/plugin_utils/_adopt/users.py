# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who can open rooms, by prosody's files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight import tokens

from .model import BEFORE, Findings, Remark, Setting, System

AUTHENTICATION, SECRET = "jitsi_meet_authentication", "jitsi_meet_jwt_app_secret"
_METHODS = {
    "": "none",
    "anonymous": "none",
    "jitsi-anonymous": "none",
    "internal_plain": "internal",
    "internal_hashed": "internal",
    "token": "jwt",
}


def decide_users(system: System) -> Findings:
    """Return who can open rooms."""
    findings, site, machine = Findings(), system.site, system.jitsi.machine
    method = site["authentication"]
    if method is None:
        what = f"prosody computes how it knows the users of {system.fqdn}, so that this file does not say it"
        remedy = f"Nothing, because a run keeps your own authentication; for a new machine set {AUTHENTICATION}"
        findings.remarks.append(Remark(machine, what, remedy))
        return findings
    kind = _METHODS.get(method)
    if kind is None:
        what = f"prosody knows the users of {system.fqdn} by {method!r}, which no variable names"
        findings.remarks.append(Remark(machine, what, "Nothing, because a run keeps your own authentication"))
    elif kind != "none":
        findings.settings.append(Setting(AUTHENTICATION, kind, f"prosody's authentication is {method!r} there"))
    if kind == "internal":
        findings.remarks += _guests(system)
    if kind == "jwt":
        findings.add(_tokens(site, machine, system.jitsi.found["jitsi"]["packages"]))
    return findings


def _guests(system: System) -> Iterator[Remark]:
    wanted = f"guest.{system.fqdn}"
    for name in system.site["guests"]:
        if name.endswith(system.fqdn) and name != wanted:
            what = f"prosody has guests under the name {name}, and the role calls it {wanted}"
            yield Remark(system.jitsi.machine, what, "Nothing; config.js names the new one after the first run")


def _tokens(site: Mapping[str, Any], machine: str, packages: Mapping[str, str]) -> Findings:
    findings = Findings()
    findings.add(_application(site["app_id"], machine))
    for name, key in (("jitsi_meet_jwt_issuers", "issuers"), ("jitsi_meet_jwt_audiences", "audiences")):
        found = site[key]
        if found is None or not all(tokens.PARTY.fullmatch(each) for each in found):
            what = f"asap_accepted_{key} in prosody's files is computed, or has a name that {name} cannot hold"
            findings.remarks.append(Remark(machine, what, f"Set {name} to the names that are accepted", name, BEFORE))
        elif found:
            findings.settings.append(Setting(name, found, "As prosody's files have it"))
    if "jitsi-meet-tokens" not in packages:
        findings.settings.append(Setting("jitsi_meet_jwt_package", "", "The package jitsi-meet-tokens is not there"))
    comment = "The secret stays on the machine, as app_secret in prosody's files"
    findings.settings.append(Setting(SECRET, f"{{{{ vault_{SECRET} }}}}", comment, is_open=True))
    remedy = f"Put the secret into a file that ansible-vault encrypts, and set {SECRET}"
    findings.remarks.append(Remark(machine, "The tokens have a secret", remedy, SECRET, BEFORE))
    return findings


def _application(found: str | None, machine: str) -> Findings:
    name, comment = "jitsi_meet_jwt_app_id", "The application that issues tokens"
    if found and tokens.APPLICATION.fullmatch(found):
        return Findings([Setting(name, found, comment)])
    what = (
        "prosody's files have no app_id"
        if found == ""
        else f"app_id in prosody's files is not one that {name} can hold"
    )
    remark = Remark(machine, what, f"Set {name} to letters, digits and ._-", name, BEFORE)
    return Findings([Setting(name, "my_app", comment, is_open=True)], [remark])
