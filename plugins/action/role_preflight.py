# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the arguments of a role on the controller."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.role import ARCHIVES, JUDGES, problems
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preload import preload

preload()

OPTIONS = {
    "role": {"type": "str", "required": True, "choices": sorted(JUDGES)},
    "values": {"type": "dict", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


class ActionModule(ActionBase):
    """The action plugin for tasks of role_preflight."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Fail with all problems. Run nothing on a machine."""
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(argument_spec=OPTIONS)
        role, removes = options["role"], options["state"] == "absent"
        if removes and role not in ARCHIVES:
            raise AnsibleActionFail(f"state: absent has no argument to check for {role}; remove this task")
        known = task_vars or {}
        machines = [str(name) for name in known["hostvars"]]
        found = problems(role, options["values"], str(known["inventory_hostname"]), machines, removes)
        if found:
            raise AnsibleActionFail("\n".join(found))
        return {"changed": False}
