# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module existing_site_info."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._shell.commands import run
from .._shell.existing.host import read_forwards, read_interfaces
from .._shell.existing.jitsi import read_jitsi
from .._shell.existing.proxy import read_proxy
from .._shell.module import finish

KIND = AnsibleModule

_FLAG = {"type": "bool", "default": False}
OPTIONS = {"forwards": _FLAG, "vhosts": _FLAG, "jitsi": _FLAG}


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Read what was asked for, and return it to the user."""
    asked, interfaces = module.params, read_interfaces(run)
    return {
        "changed": False,
        "interfaces": interfaces,
        "forwards": read_forwards(run, interfaces) if asked["forwards"] else {},
        "proxy": read_proxy(run) if asked["vhosts"] else {},
        "jitsi": read_jitsi(run) if asked["jitsi"] else {},
    }


def main(kind: type[AnsibleModule] = KIND) -> None:
    finish(kind(argument_spec=OPTIONS, supports_check_mode=True), run_module)
