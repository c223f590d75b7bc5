# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module batch_info."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from .._core.machine.batch import is_owed, refuse_failed, refuse_repeated
from .._shell.batch import run_in_check_mode
from .._shell.module import finish

if TYPE_CHECKING:
    # Ansible sends to the machine what it sees imported. What runs there is imported when it is asked for, for Python
    # compiles it in every run.
    from . import (  # noqa: F401
        acme_certificates,
        apache_sites,
        apache_workers,
        bridge_config_info,
        bridge_log_info,
        condition_info,
        config_js,
        datagram_info,
        hocon,
        java_properties,
        java_trust_info,
        machine_info,
        outside_hosts_info,
        package_holds,
        packet_path_info,
        probe_info,
        prosody_leftovers_info,
        prosody_service_accounts,
        repository_keyring,
        service_health,
        stale_service_info,
        unit_limits,
    )

MODULES = (
    "acme_certificates",
    "apache_sites",
    "apache_workers",
    "bridge_config_info",
    "bridge_log_info",
    "condition_info",
    "config_js",
    "datagram_info",
    "hocon",
    "java_properties",
    "java_trust_info",
    "machine_info",
    "outside_hosts_info",
    "package_holds",
    "packet_path_info",
    "probe_info",
    "prosody_leftovers_info",
    "prosody_service_accounts",
    "repository_keyring",
    "service_health",
    "stale_service_info",
    "unit_limits",
)
ENTRY = {
    "name": {"type": "str", "required": True},
    "module": {"type": "str", "required": True, "choices": list(MODULES)},
    "options": {"type": "dict", "default": {}},
    "required": {"type": "bool", "default": False},
}
OPTIONS = {"modules": {"type": "list", "elements": "dict", "required": True, "options": ENTRY}}


class BatchModule(AnsibleModule):
    """An AnsibleModule that keeps the options of others to itself: only they know which are secret."""

    entries: list[dict[str, Any]]

    def __init__(self) -> None:
        super().__init__(argument_spec=OPTIONS, supports_check_mode=True)
        self._hide_options()

    def _log_invocation(self) -> None:
        # Runs inside Ansible's constructor.
        self._hide_options()
        super()._log_invocation()

    def _hide_options(self) -> None:
        if hasattr(self, "entries"):
            return
        self.entries = self.params["modules"]
        self.params["modules"] = [{name: entry[name] for name in ("name", "module")} for entry in self.entries]


def run_module(module: BatchModule) -> dict[str, Any]:
    """Run what was asked for, and return the results to the user."""
    refuse_repeated([entry["name"] for entry in module.entries])
    results = {entry["name"]: result_of(module, entry) for entry in module.entries}
    refuse_failed(results, [entry["name"] for entry in module.entries if entry["required"]])
    owed = [entry["name"] for entry in module.entries if is_owed(entry["module"], results[entry["name"]])]
    return {"changed": False, "by_name": results, "owed": owed}


def result_of(module: BatchModule, entry: dict[str, Any]) -> dict[str, Any]:
    """The result of one module."""
    code = importlib.import_module(f"{__package__}.{entry['module']}")
    return run_in_check_mode(code.main, code.KIND, entry["options"], module.no_log_values)


def main() -> None:
    """Read the options, run the modules, and return their results."""
    finish(BatchModule(), run_module)
