# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge the services and the TURN packages of the Jitsi machine."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .rows import Part, probed

HELD = "held back until it is configured"
ABSENT = "not installed"
COTURN = "coturn"
_DROP_IN = "selfhosted-jitsi-unconfigured"
#: Nobody listens, which another row says if it is wrong, or this jicofo has no such page.
_WITHOUT_PAGE = ("connection refused", "404")
_TURN_REMEDY = (
    "Purge jitsi-meet-turnserver and coturn (the former's 2020 edition takes port 443 from nginx), or set "
    "jitsi_meet_turnserver or jitsi_meet_coturn to true"
)


def judge(machine: str, part: Part) -> list[Verdict]:
    """Return the verdicts about services, jicofo and TURN packages.

    :param part: ``services`` (results of systemd_service), ``processes`` (the parts that service_health misses),
        ``jicofo`` (results of probe_info), ``packages`` (lines of dpkg-query), and whether the site has ``coturn`` or
        ``turnserver``.
    """
    wanted = [one for one in part["services"] if part["coturn"] or one["item"] != COTURN]
    services = [_service(machine, one["item"], one.get("status") or {}, part["processes"]) for one in wanted]
    pages = [row for row in probed(part["jicofo"]) if row.found not in _WITHOUT_PAGE]
    return services + pages + ([] if part["turnserver"] else [_turn_packages(part)])


def is_held(status: Mapping[str, Any]) -> bool:
    """Return whether a drop-in of the role keeps a service from starting."""
    return _DROP_IN in str(status.get("DropInPaths", ""))


def state_found(status: Mapping[str, Any], state: str) -> str:
    """Return the words for the state of a service that may be missing."""
    return ABSENT if status.get("LoadState", "not-found") == "not-found" else state


def _service(machine: str, name: str, status: Mapping[str, Any], missing: Mapping[str, str]) -> Verdict:
    state = _state(name, status, missing)
    remedy = (
        f"Read journalctl -u {name} on {machine}, correct what it names, and restart the service; "
        "if it is not installed or held back, run selfhosted.jitsi.site"
    )
    return Verdict(f"{name} runs", state == "active", "active", state_found(status, state), remedy)


def _state(name: str, status: Mapping[str, Any], missing: Mapping[str, str]) -> str:
    active = str(status.get("ActiveState", "unknown"))
    if active == "active":
        return str(missing.get(name, active))
    return HELD if active == "inactive" and is_held(status) else active


def _turn_packages(part: Part) -> Verdict:
    installed = [line.split()[-1] for line in part["packages"] if line.startswith("installed ")]
    # What is left of coturn when it is not wanted any more does not run.
    if part["coturn"] or not _runs(part, COTURN):
        installed = [package for package in installed if package != COTURN]
    found = f"{', '.join(installed)} installed" if installed else ABSENT
    name = f"no {'other ' if part['coturn'] else ''}TURN server of its own"
    return Verdict(name, not installed, ABSENT, found, _TURN_REMEDY)


def _runs(part: Part, name: str) -> bool:
    states = ((one["item"], (one.get("status") or {}).get("ActiveState")) for one in part["services"])
    return (name, "active") in states
