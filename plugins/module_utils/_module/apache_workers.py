# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module apache_workers."""

from __future__ import annotations

import contextlib
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._core.files import differences
from .._shell.apache.workers import (
    carry_out,
    is_restart_owed,
    look,
)
from .._shell.arguments import refuse_nul
from .._shell.commands import run
from .._shell.lock import lock
from .._shell.module import finish

KIND = AnsibleModule

LOCK = "/run/apache-sites"
OPTIONS = {
    "participants": {"type": "int", "required": True},
    "may_restart": {"type": "bool", "default": False},
    "configuration": {"type": "path", "default": "/etc/apache2"},
}
WARNING = (
    "Apache uses its new limits only after a restart, and until then open WebSockets and reloads can still stop all "
    "sites. Set may_restart to true for one run, or run 'systemctl restart apache2' at a quiet time, because a restart "
    "interrupts all sites for some seconds."
)


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Do the work and return the result for the user."""
    options = module.params
    with contextlib.nullcontext() if module.check_mode else lock(LOCK):
        work = look(options["participants"], options["configuration"], run)
        owed = is_restart_owed(work, run)
        if not module.check_mode:
            carry_out(work, run)
    if owed and not options["may_restart"]:
        module.warn(WARNING)
    restart = owed and options["may_restart"]
    result = {"changed": work.files.changed, "restart": restart, "restart_owed": owed}
    result.update(room=work.room, room_before=work.room_before)
    if module._diff:
        result["diff"] = differences(work.files)
    return result


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    finish(module, run_module)
