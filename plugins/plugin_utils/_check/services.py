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
#: In the order of their rows.
_NAMES = ("prosody", "nginx", "jicofo", COTURN)
DROP_IN = "selfhosted-jitsi-unconfigured"
#: Nobody listens, which another row says if it is wrong, or this jicofo has no such page.
_WITHOUT_PAGE = ("connection refused", "404")
_TURN_REMEDY = (
    "Purge jitsi-meet-turnserver and coturn (the former's 2020 edition takes port 443 from nginx), or set "
    "jitsi_meet_turnserver or jitsi_meet_coturn to true"
)


def judge(machine: str, part: Part) -> list[Verdict]:
    """Return the verdicts about services, jicofo and TURN packages.

    :param part: ``services`` (units of machine_info), ``processes`` (the parts that service_health misses),
        ``jicofo`` (results of probe_info), ``packages`` (the names of the installed ones), whether the site has
        ``coturn`` or ``turnserver``, and ``coturn_of_others`` (the files by which an administrator configured one).
    """
    wanted = [name for name in _NAMES if part["coturn"] or name != COTURN]
    services = [_service(machine, name, part["services"][name], part["processes"]) for name in wanted]
    pages = [row for row in probed(part["jicofo"]) if row.found not in _WITHOUT_PAGE]
    return services + pages + ([] if part["turnserver"] else [_turn_packages(part)])


def _service(machine: str, name: str, unit: Mapping[str, Any], missing: Mapping[str, str]) -> Verdict:
    state = _state(name, unit, missing) if unit["exists"] else ABSENT
    remedy = (
        f"Read journalctl -u {name} on {machine}, correct what it names, and restart the service; "
        "if it is not installed or held back, run selfhosted.jitsi.site"
    )
    return Verdict(f"{name} runs", state == "active", "active", state, remedy)


def _state(name: str, unit: Mapping[str, Any], missing: Mapping[str, str]) -> str:
    state = str(unit["state"])
    if unit["active"]:
        return str(missing.get(name, state))
    return HELD if state == "inactive" and any(DROP_IN in path for path in unit["drop_ins"]) else state


def _turn_packages(part: Part) -> Verdict:
    installed = list(part["packages"])
    # What is left of coturn when it is not wanted any more does not run. An administrator's own is theirs.
    if part["coturn"] or part["coturn_of_others"] or not part["services"][COTURN]["active"]:
        installed = [package for package in installed if package != COTURN]
    found = f"{', '.join(installed)} installed" if installed else ABSENT
    name = f"no {'other ' if part['coturn'] else ''}TURN server of its own"
    return Verdict(name, not installed, ABSENT, found, _TURN_REMEDY)
