# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge whether the firewalls of a machine let pass what the site needs."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .rows import Part

NOTHING_STOPS = "{machine}: no firewall rule stops what the site needs"
PASSES = "{machine} lets {names} pass"
SENDS = "{machine} sends {names}"
MASQUERADES = "{machine} masquerades {names}"
NO_RULE, UNTRANSLATED = "no rule", "not translated"
_SNAT, _DNAT = "snat", "dnat"
_STOPPED = ("dropped", "rejected")
_RUN = "Run selfhosted.jitsi.site"
_AGAIN = "; then check again"
_RESTORE = f"{_RUN}, which puts the rules of the forwards above it"
#: How the program that made a rule lets a packet pass. ``{0}`` is its port, and ``{1}`` its protocol.
_OWNERS = {
    "ufw": "Allow it in ufw: ufw allow {0}/{1}, or ufw route allow proto {1} to any port {0} for forwarded packets",
    "firewalld": "Allow it in firewalld: firewall-cmd --permanent --add-port={0}/{1}, and firewall-cmd --reload",
    "docker": f"{_RESTORE}. If it stays, let docker accept {{1}} port {{0}} in the chain DOCKER-USER",
    "libvirt": _RESTORE,
}
_OTHERS = "Remove that rule, or allow {1} port {0} before it"
_MASQUERADE = (
    "At a quiet hour run virsh net-destroy and virsh net-start for the guests' network, which writes libvirt's rules "
    "again, or restart the firewall; then start the guests again and check again"
)


def judge(machine: str, part: Part) -> list[Verdict]:
    """Return one verdict if all packets pass, or one for each rule that stops or misleads some.

    :param part: ``results``, those of packet_path_info, in which each ``name`` is a phrase such as "udp/10000 from
        outside"; ``wanted``, the address and port ("192.168.122.100:443") to which the packets of the hook ``dnat``
        must go, by the name of the packet. A packet without an entry there must keep its destination. Packets of the
        hook ``snat`` must get another source.
    """
    results, wanted = part["results"], part.get("wanted") or {}
    wrong = [result for result in results if not _is_right(result, wanted)]
    if not wrong:
        name = NOTHING_STOPS.format(machine=machine)
        return [Verdict(name, True, NO_RULE, NO_RULE + _unjudged(results), "")]
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for result in wrong:
        groups.setdefault(_same_row(result), []).append(result)
    return [_row(machine, group, wanted) for group in groups.values()]


def _is_right(result: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    if result["verdict"] in _STOPPED:
        return False
    # A verdict of which the module is unsure fails no row.
    if result["verdict"] == "unsure":
        return True
    if result["hook"] == _SNAT:
        return bool(result["verdict"] == "translated")
    return result["hook"] != _DNAT or bool(result["to"] == wanted.get(result["name"], ""))


def _same_row(result: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what two results share if they are of one row: the rule, and what it does."""
    return (*(str(result[key]) for key in ("rule", "chain", "table", "verdict", "to")), _group_of(result))


def _group_of(result: Mapping[str, Any]) -> str:
    return "" if result["verdict"] in _STOPPED else str(result["hook"])


def _row(machine: str, group: Sequence[Mapping[str, Any]], wanted: Mapping[str, str]) -> Verdict:
    first = group[0]
    names = " and ".join(dict.fromkeys(str(result["name"]) for result in group))
    hook = _group_of(first)
    if hook == _SNAT:
        return Verdict(MASQUERADES.format(machine=machine, names=names), False, "translated", UNTRANSLATED, _MASQUERADE)
    if hook == _DNAT:
        goals = dict.fromkeys(f"sent to {wanted[one['name']]}" if one["name"] in wanted else NO_RULE for one in group)
        found, remedy = _misled(first)
        return Verdict(SENDS.format(machine=machine, names=names), False, ", ".join(goals), found, remedy)
    found = f"{first['verdict']} by {first['rule']} ({first['table']})"
    return Verdict(PASSES.format(machine=machine, names=names), False, NO_RULE, found, _remedy(first))


def _misled(result: Mapping[str, Any]) -> tuple[str, str]:
    """Return where a packet is sent, and what to do about it."""
    if result["verdict"] != "translated":
        return UNTRANSLATED, f"{_RUN}, which restores the rules of the forwards"
    found = f"sent to {result['to']} by {result['rule']} ({result['table']})"
    program = f", or stop {result['owner']} from making it" if result["owner"] else ", or the program that makes it"
    return found, f"Remove that rule{program}; then run selfhosted.jitsi.site, and check again"


def _remedy(result: Mapping[str, Any]) -> str:
    return _OWNERS.get(result["owner"], _OTHERS).format(result["port"], result["protocol"]) + _AGAIN


def _unjudged(results: Sequence[Mapping[str, Any]]) -> str:
    """Return what the module could not judge, as the end of a sentence; empty if there is nothing."""
    rules = {rule for result in results for rule in result["unsure"]}
    rules |= {result["rule"] for result in results if result["verdict"] == "unsure"}
    if not rules:
        return ""
    return f"; not read: {len(rules)} rule{'s'[: len(rules) > 1]} with other matches"
