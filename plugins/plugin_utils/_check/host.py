# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge whether the host forwards what the inventory wants, now and after a reboot."""

from __future__ import annotations

from typing import Any, Iterable, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.persistence import KEPT_FILES, UNITS
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .rows import Part, first_of

FORWARDS = "{machine} forwards IPv4"
RULES = "{machine} has the forwards of the inventory"
KEPT = "{machine} keeps the forwards for the next boot"
ON, WANTED = "net.ipv4.ip_forward = 1", "the rules of the inventory"
NOT_COMPARED = "not judged: the forwards cannot be compared"
#: How iptables and nftables write a rule.
_RULES = ("-A ", "add rule ")
#: So many rules are named in one row.
NAMED = 3
_RUN = "Run selfhosted.jitsi.site"
_CONFLICT = "Correct what the message names, and run selfhosted.jitsi.site"


def judge(machine: str, part: Part) -> list[Verdict]:
    """Return the verdicts about the host.

    :param part: ``forwarding``, the text of the kernel's setting; ``kept_forwarding``, whether the file of the setting
        is right; ``forwards``, the result of port_forwards in check and diff mode.
    """
    return [_forwarding(machine, part), _forwards(machine, part["forwards"]), _kept(machine, part)]


def _forwarding(machine: str, part: Part) -> Verdict:
    value = str(part["forwarding"]).strip()
    remedy = f"{_RUN}, which sets it. If it is 0 again later, another program on {machine} sets it"
    return Verdict(FORWARDS.format(machine=machine), value == "1", ON, f"net.ipv4.ip_forward = {value}", remedy)


def _forwards(machine: str, result: Mapping[str, Any]) -> Verdict:
    name = RULES.format(machine=machine)
    if result.get("failed"):
        return Verdict(name, False, WANTED, str(result["msg"]), _CONFLICT)
    if not result["commands"]:
        return Verdict(name, True, WANTED, WANTED, "")
    missing, further = differing_rules(result["diff"])
    return Verdict(name, False, WANTED, _difference(missing, further), f"{_RUN}, which restores the rules")


def _kept(machine: str, part: Part) -> Verdict:
    refused = bool(part["forwards"].get("failed"))
    wrong = [] if part["kept_forwarding"] else ["the file that sets net.ipv4.ip_forward is missing or differs"]
    wrong += [] if refused else [_state(entry) for entry in part["forwards"]["diff"] if _is_kept(entry)]
    found = NOT_COMPARED if refused else WANTED
    remedy = f"{_RUN}, which writes the files and enables the unit. Until then a reboot of {machine} ends the forwards"
    return Verdict(KEPT.format(machine=machine), not wrong, WANTED, "; ".join(wrong) or found, remedy)


def _is_kept(entry: Mapping[str, str]) -> bool:
    """Return whether an entry of a diff is of what a boot reads, and not of a table of rules."""
    return entry["before_header"] == KEPT_FILES or entry["before_header"] in UNITS


def _state(entry: Mapping[str, str]) -> str:
    name, now = entry["before_header"], entry["before"].strip()
    if name != KEPT_FILES:
        return f"{name} is {now}"
    return "the kept files differ" if now else "the kept files are missing"


def differing_rules(diff: Iterable[Mapping[str, str]]) -> tuple[list[str], list[str]]:
    """Return the rules that are missing, and those that should not be there.

    :param diff: the ``diff`` of port_forwards.
    """
    missing: list[str] = []
    further: list[str] = []
    for entry in diff:
        if _is_kept(entry):
            continue
        before, after = entry["before"].splitlines(), entry["after"].splitlines()
        missing += [line for line in after if line.startswith(_RULES) and line not in before]
        further += [line for line in before if line.startswith(_RULES) and line not in after]
    return missing, further


def _difference(missing: list[str], further: list[str]) -> str:
    parts = [f"{word} {first_of(rules, NAMED)}" for word, rules in (("missing:", missing), ("also:", further)) if rules]
    return "; ".join(parts) or "the rules stand at another place"
