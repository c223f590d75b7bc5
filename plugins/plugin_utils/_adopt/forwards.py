# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forwards that belong to Jitsi, among all that the host has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .model import AFTER, Findings, Remark, Setting, System

FORWARDS = "nat_host_forwards"
_WEB = ("80", "443")
#: Ports of TURN servers.
_TURN = ("3478", "4446", "5349")

Forward = Mapping[str, str]


def decide_forwards(system: System, proxy: str, local: str, bridges: Mapping[str, int]) -> Findings:
    """Return the forwards that the collection shall make, and what is left to others.

    :param proxy: the proxy's address.
    :param local: the Jitsi machine's address.
    :param bridges: the addresses and the ports of further bridges.
    """
    findings = Findings()
    ports = {local: system.bridge["port"] or 10000, **bridges}
    ours = [one for one in system.forwards if _belongs(one, proxy, ports, system)]
    wanted = [("tcp", port, proxy) for port in _WEB]
    wanted += [("udp", str(port), address) for address, port in ports.items()]
    listed = _without_doubles(ours)
    comment = f"The rules on {system.host.machine} that belong to Jitsi"
    findings.settings.append(Setting(FORWARDS, [*map(_written, listed), *_missing(listed, wanted)], comment))
    host = system.host.machine
    findings.remarks += _contradictions(system, wanted)
    findings.remarks += [
        Remark(
            host,
            f"No rule leads {protocol}/{port} to {to}",
            "Leave the forward in the inventory, because the site needs it",
            FORWARDS,
        )
        for protocol, port, to in wanted
        if not any(_leads(one, protocol, port, to) for one in ours)
        and not any(one["protocol"] == protocol and one["port"] == port for one in system.forwards)
    ]
    findings.remarks += _left(system, ours, {proxy, *ports})
    findings.remarks += _conditions(host, ours)
    findings.remarks += _unread(system)
    if ours:
        findings.remarks.append(
            Remark(
                host,
                f"Your own rules for {_names(listed)} do the same as those of the collection",
                "Remove these DNAT and ACCEPT rules after the first run, and what restores them at boot",
                FORWARDS,
                AFTER,
            )
        )
    return findings


def _belongs(one: Forward, proxy: str, ports: Mapping[str, int], system: System) -> bool:
    if one["to"] == proxy and one["protocol"] == "tcp":
        return one["port"] in _WEB
    if one["to"] not in ports:
        return False
    inner = one["to_port"] or one["port"]
    if one["protocol"] == "udp" and _covers(inner, ports[one["to"]]):
        return True
    turn = "jitsi-meet-turnserver" in system.jitsi.found["jitsi"]["packages"]
    if turn and one["port"] in _TURN:
        return True
    tcp = system.bridge["tcp_port"]
    return one["protocol"] == "tcp" and bool(tcp) and _covers(inner, tcp)


def _covers(ports: str, port: int) -> bool:
    first, _dash, last = ports.partition("-")
    return first.isdigit() and int(first) <= int(port) <= int(last or first)


def _leads(one: Forward, protocol: str, port: str, to: str) -> bool:
    return one["protocol"] == protocol and one["to"] == to and _covers(one["port"], int(port))


def _without_doubles(forwards: Sequence[Forward]) -> list[dict[str, Any]]:
    """One entry for each public port, with all its sources."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for one in forwards:
        key = tuple(one[name] for name in ("protocol", "port", "to", "to_port"))
        entry = found.setdefault(key, {**one, "sources": []})
        entry["sources"].append(one["source"])
    return list(found.values())


def _written(one: Mapping[str, Any]) -> dict[str, Any]:
    entry = {"protocol": one["protocol"], "port": _number(one["port"]), "to": one["to"]}
    if one["to_port"]:
        entry["to_port"] = _number(one["to_port"])
    if all(one["sources"]):
        entry["sources"] = list(dict.fromkeys(one["sources"]))
    return entry


def _number(port: str) -> int | str:
    return int(port) if port.isdigit() else port


def _missing(listed: Sequence[Forward], wanted: Sequence[tuple[str, str, str]]) -> Iterator[dict[str, Any]]:
    for protocol, port, to in wanted:
        if not any(_leads(one, protocol, port, to) for one in listed):
            yield {"protocol": protocol, "port": int(port), "to": to}


def _contradictions(system: System, wanted: Sequence[tuple[str, str, str]]) -> Iterator[Remark]:
    for protocol, port, to in wanted:
        others = {
            one["to"]: one["rule"]
            for one in system.forwards
            if one["protocol"] == protocol and one["port"] == port and one["to"] != to
        }
        for other in others:
            yield Remark(
                system.host.machine,
                f"A rule leads {protocol}/{port} to {other}, but the inventory says {to}",
                "Check which machine is meant, and remove the wrong rule or correct the forward",
                FORWARDS,
            )


def _left(system: System, ours: Sequence[Forward], guests: set[str]) -> Iterator[Remark]:
    """The rules that lead to machines of the site, and are not the site's."""
    for one in system.forwards:
        if one in ours or one["to"] not in guests:
            continue
        name = f"{one['protocol']}/{one['port']}"
        goal = f"{one['to']}:{one['to_port'] or one['port']}"
        if one["protocol"] == "tcp" and one["port"] == "4443":
            yield Remark(
                system.host.machine,
                f"The rule for {name} leads to {goal}, where the videobridge does not listen",
                "Remove the rule from the host",
                FORWARDS,
            )
        else:
            yield Remark(
                system.host.machine,
                f"The rule for {name} leads to {goal}, and does not belong to Jitsi",
                f"Leave the rule on the host, or add it to {FORWARDS}",
                FORWARDS,
            )


def _conditions(host: str, ours: Sequence[Forward]) -> Iterator[Remark]:
    for one in ours:
        if one["interface"]:
            yield Remark(
                host,
                f"The rule for {one['protocol']}/{one['port']} takes packets from {one['interface']} alone",
                "Nothing, if the public address is enough; no variable names an interface",
                FORWARDS,
            )


def _unread(system: System) -> Iterator[Remark]:
    found, host = system.host.found["forwards"], system.host.machine
    add = f"Add the forward to {FORWARDS} if it belongs to Jitsi"
    for rule in found["unread"]:
        yield Remark(host, f"The rule {rule!r} cannot be read as a forward", add, FORWARDS)
    if found["nftables"]:
        yield Remark(host, f"nft made {found['nftables']} rules with dnat, which were not read", add, FORWARDS)
    for owner in found["owners"]:
        yield Remark(
            host,
            f"selfhosted.jitsi.port_forwards has made forwards under the name {owner!r}",
            "Set nat_host_name to another name if they belong to another site",
            FORWARDS,
        )


def _names(forwards: Sequence[Forward]) -> str:
    return " and ".join(dict.fromkeys(f"{one['protocol']}/{one['port']}" for one in forwards))
