# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module unit_limits."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._core.files import differences
from .._core.services.limits import parse_limits
from .._shell.arguments import refuse_nul
from .._shell.module import finish
from .._shell.services.limits import carry_out, look

KIND = AnsibleModule

LIMIT = {
    "unit": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "setting": {"type": "str", "required": True},
    "files": {"type": "list", "elements": "path", "default": []},
}
OPTIONS = {
    "limits": {"type": "list", "elements": "dict", "required": True, "options": LIMIT},
    "caller": {"type": "str", "required": True},
}


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Do the work and return the result for the user."""
    limits = parse_limits(module.params["limits"])
    outcome = look(limits, module.params["caller"])
    if not module.check_mode:
        carry_out(outcome)
    changed = [limit for limit in limits if outcome.before[limit.path] != outcome.after[limit.path]]
    result: dict[str, Any] = {
        "changed": outcome.changed,
        "written": [limit.unit for limit in changed if outcome.after[limit.path]],
        "removed": [limit.unit for limit in changed if not outcome.after[limit.path]],
    }
    if module._diff:
        result["diff"] = differences(outcome)
    return result


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    finish(module, run_module)
