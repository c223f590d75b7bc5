# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the release of a machine on the controller."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._releases import machine as releases

OPTIONS = {
    "variable": {"type": "str", "required": True},
    "allowed": {"type": "bool", "default": False},
}
PATH = "/etc/os-release"


class ActionModule(ActionBase):
    """The action plugin for tasks of release_preflight."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read the release with one command, which needs no Python and no other user there, and judge it."""
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(argument_spec=OPTIONS)
        if options["allowed"]:
            return {"changed": False}
        machine, variable = str((task_vars or {})["inventory_hostname"]), options["variable"]
        said = self._low_level_execute_command(f"cat {PATH}", sudoable=False)
        if said["rc"]:
            reason = said.get("stderr", "").strip() or f"exit code {said['rc']}"
            raise AnsibleActionFail(f"Cannot read {PATH} of {machine}: {reason}; set {variable} to true to go on")
        problem = releases.untested(said["stdout"], machine, variable)
        if problem:
            raise AnsibleActionFail(problem)
        return {"changed": False}
