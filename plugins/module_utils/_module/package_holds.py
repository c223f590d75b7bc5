# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module package_holds."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._core.packages.holds import decide, describe, others
from .._shell.arguments import refuse_nul
from .._shell.commands import run
from .._shell.module import finish
from .._shell.packages.holds import carry_out, read

KIND = AnsibleModule

OPTIONS = {
    "packages": {"type": "list", "elements": "str", "required": True},
    "path": {"type": "path", "required": True},
    "state": {"type": "str", "choices": ["held", "released"], "default": "held"},
}


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Do the work and return the result for the user."""
    packages, path = module.params["packages"], module.params["path"]
    found, installed = read(path, run)
    outcome = decide(found, installed, packages if module.params["state"] == "held" else [])
    if outcome.changed and not module.check_mode:
        carry_out(outcome, path, run)
    result = {"changed": outcome.changed, "ours": sorted(outcome.after.ours), "others": others(found)}
    if module._diff:
        before, after = describe(outcome)
        result["diff"] = {"before": before, "after": after}
    return result


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    finish(module, run_module)
