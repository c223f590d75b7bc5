# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module condition_info."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._core.machine.configurations import PROGRAMS
from .._shell.arguments import refuse_nul
from .._shell.commands import run
from .._shell.machine.certificates import read_certificate
from .._shell.machine.condition import (
    conditions_as_data,
    read_disks,
    read_memory,
    read_unfinished,
    try_configuration,
)
from .._shell.machine.network import look_up, read_gateway, read_missing, read_name_servers
from .._shell.module import finish

KIND = AnsibleModule

LIST = {"type": "list", "elements": "str", "default": []}
FLAG = {"type": "bool", "default": False}
CERTIFICATE = {
    "path": {"type": "path", "required": True},
    "name": {"type": "str", "default": ""},
    "key": {"type": "path", "no_log": False},
}
OPTIONS = {
    "disks": {"type": "list", "elements": "path", "default": []},
    "memory": FLAG,
    "packages": FLAG,
    "units": LIST,
    "certificates": {"type": "list", "elements": "dict", "default": [], "options": CERTIFICATE},
    "configurations": {"type": "list", "elements": "str", "choices": list(PROGRAMS), "default": []},
    "resolves": LIST,
    "gateway": FLAG,
    "addresses": LIST,
}


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Read what was asked for, and return it to the user."""
    asked = module.params
    return {
        "changed": False,
        # Before the slow parts, for it can refuse an option.
        "missing_addresses": read_missing(asked["addresses"], run),
        "disks": read_disks(asked["disks"]),
        "memory": read_memory() if asked["memory"] else {},
        "packages": read_unfinished(run) if asked["packages"] else {},
        "units": conditions_as_data(asked["units"], run),
        "certificates": [read_certificate(wanted, run) for wanted in asked["certificates"]],
        "configurations": {program: try_configuration(program, run) for program in asked["configurations"]},
        # Before the gateway, for the questions may need it: then the kernel knows whether it answers.
        "resolves": look_up(asked["resolves"]),
        "gateway": read_gateway(run) if asked["gateway"] else {},
        "name_servers": read_name_servers() if asked["gateway"] else [],
    }


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    finish(module, run_module)
