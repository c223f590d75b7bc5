# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say of a module's result whether it leaves anything to do."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from ..errors import CoreError

Result = Mapping[str, Any]

#: What a module that changes nothing finds out of order; all others say ``changed``.
_FINDINGS: dict[str, Callable[[Result], Any]] = {
    "apache_workers": lambda result: result["restart_owed"],
    "bridge_config_info": lambda result: result["findings"],
    "java_trust_info": lambda result: result["exists"] and not result["trusted"],
    "machine_info": lambda result: (
        result["differing"] or any(result["found"].values()) or result["unfinished"] or result["interrupted"]
    ),
    "probe_info": lambda result: result["failed_count"],
    "prosody_leftovers_info": lambda result: result["paths"],
    "repository_keyring": lambda result: not result["right"] or result["expired"],
    "service_health": lambda result: result["missing"],
    "stale_service_info": lambda result: result["stale"],
}


def is_owed(module: str, result: Result) -> bool:
    """Whether a result in check mode names something that a real run would do, or say to the user.

    :param module: the name of the module, without that of its collection.
    :param result: its result in check mode, with the warnings under ``warnings``.
    """
    if result.get("failed") or result.get("changed") or result.get("warnings"):
        return True
    findings = _FINDINGS.get(module)
    return bool(findings and findings(result))


def refuse_repeated(names: list[str]) -> None:
    """Refuse entries of which two have one name.

    :raises CoreError: if there are such.
    """
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise CoreError(f"modules: the name {repeated[0]!r} stands at two entries; give each its own name")


def refuse_failed(results: Mapping[str, Result], required: list[str]) -> None:
    """Refuse results that the caller cannot do without.

    :raises CoreError: with the messages, if one of them failed.
    """
    failed = [str(results[name]["msg"]) for name in required if results[name].get("failed")]
    if failed:
        raise CoreError("; ".join(failed))
