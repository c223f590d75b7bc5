# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge whether units of a machine run, and start at its next boot."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

ALL_START = "{machine} starts its services at the next boot"
STARTS = "{unit} starts at the next boot on {machine}"
RUNS = "{unit} runs on {machine}"
TIMER = "{timer} runs"
#: Other rows say whether these run, and whether they are installed.
JUDGED = ("coturn", "jicofo", "jitsi-videobridge2", "nginx", "prosody")
_MASKED = ("masked", "masked-runtime")
_SERVICE, _CERTBOT = ".service", "certbot.service"
_EXPECTED = "active and enabled"
_SITE = "Run selfhosted.jitsi.site"


def judge_units(machine: str, units: Mapping[str, Mapping[str, Any]], wanted: Mapping[str, Any]) -> list[Verdict]:
    """Return a verdict for each unit and timer that is wrong, or one for all that are right.

    :param units: the units of condition_info.
    :param wanted: the names of ``units`` and ``timers``.
    """
    names, timers = wanted.get("units") or [], wanted.get("timers") or []
    wrong = [verdict for name in names for verdict in _service(machine, name, units[name])]
    wrong += [verdict for name in timers for verdict in _timer(machine, name, units[name])]
    right = Verdict(ALL_START.format(machine=machine), True, _EXPECTED, ", ".join([*names, *timers]))
    return wrong or ([right] if names or timers else [])


def _service(machine: str, name: str, unit: Mapping[str, Any]) -> list[Verdict]:
    is_judged = name.removesuffix(_SERVICE) in JUDGED
    starts, runs = STARTS.format(unit=name, machine=machine), RUNS.format(unit=name, machine=machine)
    if not unit["exists"]:
        return [] if is_judged else [Verdict(runs, False, _EXPECTED, "systemd has no such unit", _SITE)]
    wrong = []
    if not unit["enabled"]:
        wrong.append(Verdict(starts, False, "enabled", _file_state(unit), _enable(machine, name, unit)))
    if not unit["active"] and not is_judged:
        remedy = f"Read journalctl -u {name} on {machine}, correct what it names, and run: systemctl restart {name}"
        wrong.append(Verdict(runs, False, "active", _state(unit), remedy))
    return wrong


def _enable(machine: str, name: str, unit: Mapping[str, Any]) -> str:
    unmask = f"systemctl unmask {name} && " if unit["file_state"] in _MASKED else ""
    return f"{unmask}systemctl enable {name} on {machine}"


def _file_state(unit: Mapping[str, Any]) -> str:
    return str(unit["file_state"]) or "not enabled"


def _state(unit: Mapping[str, Any]) -> str:
    return f"{unit['state']} ({unit['result']})" if unit["state"] == "failed" else str(unit["state"])


def _timer(machine: str, name: str, unit: Mapping[str, Any]) -> list[Verdict]:
    row, expected = TIMER.format(timer=name), f"{_EXPECTED}, and its last run succeeded"
    if not unit["exists"]:
        return [Verdict(row, False, expected, "systemd has no such timer", _SITE)]
    if not unit["active"] or not unit["enabled"]:
        unmask = f"systemctl unmask {name} && " if unit["file_state"] in _MASKED else ""
        found = f"{unit['state']}, {_file_state(unit)}"
        return [Verdict(row, False, expected, found, f"{unmask}systemctl enable --now {name} on {machine}")]
    if unit["failed"]:
        found = f"{', '.join(unit['failed'])} failed at its last run"
        return [Verdict(row, False, expected, found + _when(unit), _failed(machine, unit["failed"]))]
    return []


def _when(unit: Mapping[str, Any]) -> str:
    return f" ({unit['last_run']})" if unit["last_run"] else ""


def _failed(machine: str, services: list[str]) -> str:
    again = "certbot renew --dry-run" if _CERTBOT in services else f"systemctl start {services[0]}"
    journals = " ".join(f"-u {name.removesuffix(_SERVICE)}" for name in services)
    return f"Read journalctl {journals} on {machine}, correct what it names, and run: {again}"
