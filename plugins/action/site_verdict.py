# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge the facts that the check gathered on the machines of a site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.site import Record, Site, judge_site
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.table import failures, message, table

_LIST = {"type": "list", "elements": "str", "default": []}
OPTIONS = {
    "jitsi": {"type": "str", "required": True},
    "nat_hosts": _LIST,
    "proxies": _LIST,
    "bridges": _LIST,
    "outside": _LIST,
}


class ActionModule(ActionBase):
    """The action plugin for tasks of site_verdict."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the rows, the table and the failures. Run nothing on a machine."""
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(argument_spec=OPTIONS)
        site = Site(**{name: options[name] for name in OPTIONS})
        facts = (task_vars or {})["hostvars"]
        rows = judge_site(site, {machine: _record(machine, facts) for machine in site.machines()})
        return {
            "changed": False,
            "rows": [row.data() for row in rows],
            "table": table(rows),
            "failures": failures(rows),
            "message": message(rows),
        }


def _record(machine: str, facts: Mapping[str, Mapping[str, Any]]) -> Record:
    if machine not in facts:
        raise AnsibleActionFail(f"Cannot judge {machine!r}: the inventory has no machine of this name. Add it")
    read = facts[machine]
    seen, ended = read.get("check_seen") or {}, read.get("check_ended") or []
    if not isinstance(seen, Mapping) or not all(isinstance(part, Mapping) for part in seen.values()):
        raise AnsibleActionFail(f"Cannot judge {machine}: its fact check_seen is no mapping of subjects to records")
    return Record(read.get("check_reached"), seen, ended)
