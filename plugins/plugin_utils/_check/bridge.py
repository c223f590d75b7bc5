# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge a videobridge on its own machine, and the bridges among each other."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Mapping, Sequence

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._bridges import conflicts

from .mapping import judge_mapping
from .prosody import judge_brewery
from .rows import Part, probed
from .services import ABSENT, DROP_IN, HELD

UNIT = "jitsi-videobridge2"
_TCP = '{key: org.jitsi.videobridge.DISABLE_TCP_HARVESTER, value: "false"} in jitsi_meet_properties'
AGREED = "no contradiction"
APART = "for each a port and a name of its own"
#: Words of service_health for which an early answer 200 of the health page proves nothing.
_UNPROVED = re.compile("before its first check|its log says")


def judge(machine: str, part: Part) -> list[Verdict]:
    """Return the verdicts about one bridge.

    :param part: ``at``, which tells the rows of several machines apart; ``fqdn``, ``local``, ``public`` and ``port``
        from the inventory; ``service``, which is the unit of machine_info; ``files``, ``oldest``, ``log``, ``health``,
        ``young``, ``listens``, ``room`` and ``last_words`` from the tasks of the check.
    """
    runs = bool(part["service"]["active"])
    return [
        _service(machine, part, runs),
        *([_port(machine, part)] if runs else []),
        _mapping(part, runs),
        *_health(part),
        _brewery(part, runs),
        _files(part),
    ]


def judge_tcp(machine: str, part: Part) -> list[Verdict]:
    """Return the verdict about the port for clients that have only TCP, where the host forwards it.

    :param part: ``at``, and ``missing``, what service_health misses.
    """
    expected, missing = "it listens", part["missing"].get(UNIT, "")
    remedy = (
        f"Take the forward of tcp/4443 away: no bridge listens there by default. Before July 2024 it does with {_TCP}, "
        f"which selfhosted.jitsi.site writes on {machine}. For networks that block UDP set jitsi_meet_coturn"
    )
    return [Verdict(f"the bridge{part['at']} listens on tcp/4443", not missing, expected, missing or expected, remedy)]


def judge_conflicts(parts: Sequence[tuple[str, Part]]) -> Verdict:
    """Return the verdict about all bridges.

    :param parts: machines and what was read of their bridges.
    """
    found = "; ".join(conflicts([_claims(machine, part) for machine, part in parts]))
    remedy = (
        "Run selfhosted.jitsi.site, which gives each bridge both; where the inventory says videobridge_port, "
        "videobridge_muc_nickname or videobridge.websockets.server-id, say another one for each machine"
    )
    return Verdict("the bridges keep out of each other's way", not found, APART, found or APART, remedy)


def _claims(machine: str, part: Part) -> dict[str, object]:
    files, sockets = part["files"], part["websockets"]
    server_id = sockets["server_id"] if sockets["enabled"] else ""
    return {"name": machine, "server_id": server_id, **{key: files[key] for key in ("port", "mappings", "rooms")}}


def _service(machine: str, part: Part, runs: bool) -> Verdict:
    unit = part["service"]
    state = HELD if not runs and _is_held(unit) else str(unit["state"])
    remedy = (
        f"Read journalctl -u {UNIT} on {machine}, correct what it names, and start the service; "
        "if it is not installed or held back, run selfhosted.jitsi.site"
    )
    return Verdict(f"{UNIT} runs{part['at']}", runs, "active", state if unit["exists"] else ABSENT, remedy)


def _port(machine: str, part: Part) -> Verdict:
    expected, missing = "it listens", part["listens"].get(UNIT, "")
    found = f"{missing}; its files say {part['files']['port']}" if missing else expected
    remedy = (
        f"Stop what has the port on {machine} and restart {UNIT}; if its files say another port, run "
        "selfhosted.jitsi.site"
    )
    return Verdict(f"the bridge{part['at']} listens on udp/{part['port']}", not missing, expected, found, remedy)


def _mapping(part: Part, runs: bool) -> Verdict:
    # The start time of a bridge that is down is that of a past life.
    started = str(part["service"]["started"]) if runs else ""
    name = f"the bridge{part['at']} maps its address"
    return judge_mapping(name, part["log"], started, part["local"], part["public"], part["oldest"])


def _health(part: Part) -> list[Verdict]:
    # The bridges of 2020 have no such page unless it is switched on.
    asked = [row for row in probed(part["health"]) if row.found != "connection refused"]
    missing = part["young"].get(UNIT, "")
    return [replace(row, ok=False, found=missing) for row in asked] if _UNPROVED.search(missing) else asked


def _brewery(part: Part, runs: bool) -> Verdict:
    name = f"the bridge{part['at']} is where jicofo looks for it"
    rooms, domain = part["files"]["rooms"], f"internal.auth.{part['fqdn']}"
    return judge_brewery(name, part["room"], rooms, domain, part["last_words"], runs)


def _files(part: Part) -> Verdict:
    findings = part["files"]["findings"]
    remedy = "Run selfhosted.jitsi.site, which writes each setting into the one file that counts"
    return Verdict(f"the bridge's files agree{part['at']}", not findings, AGREED, "; ".join(findings) or AGREED, remedy)


def _is_held(unit: Mapping[str, Any]) -> bool:
    """Return whether a drop-in of the role keeps a service from starting."""
    return any(DROP_IN in path for path in unit["drop_ins"])
