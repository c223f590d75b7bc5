# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the inventory of a site that somebody set up by hand, from the facts of its machines."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import JitsiError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.files import write
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.choice import choose
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.closing import closing
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.connection import connection, kept_back
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.document import document, sentence
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.model import Seen
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.site import Adopted, adopt

_LIST = {"type": "list", "elements": "str", "default": []}
_NAME = {"type": "str", "required": True}
OPTIONS = {
    "path": {"type": "path", "required": True},
    "nat_host": _NAME,
    "reverse_proxy": _NAME,
    "jitsi": _NAME,
    "bridges": _LIST,
    "outside": _LIST,
    "fqdn": {"type": "str", "default": ""},
}
_FACT = "adopt_found"
_MODE = 0o600

Facts = Mapping[str, Mapping[str, Any]]


class ActionModule(ActionBase):
    """The action plugin for tasks of site_inventory."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Decide, write the file, and name what is left to the user. Run nothing on a machine."""
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(argument_spec=OPTIONS)
        facts: Facts = (task_vars or {})["hostvars"]
        path = os.path.abspath(options["path"])
        _refuse_existing(path)
        try:
            adopted = _adopted(options, facts)
        except JitsiError as error:
            raise AnsibleActionFail(str(error)) from error
        groups = _groups(options, facts)
        kept = [one for machines in groups.values() for name in machines for one in _kept(name, facts, machines[name])]
        adopted = replace(adopted, remarks=[*adopted.remarks, *kept])
        if not self._task.check_mode:
            _write(path, document(adopted, groups, datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")))
        Display().display("\n".join(["", *closing(adopted, "" if self._task.check_mode else path), ""]))
        return {"changed": True, "path": path, "remarks": [sentence(remark) for remark in adopted.remarks]}


def _adopted(options: Mapping[str, Any], facts: Facts) -> Adopted:
    host, proxy, jitsi = (_seen(options[name], facts) for name in ("nat_host", "reverse_proxy", "jitsi"))
    bridges = [_seen(name, facts) for name in options["bridges"]]
    return adopt(choose(host, proxy, jitsi, bridges, options["fqdn"]))


def _seen(machine: str, facts: Facts) -> Seen:
    found = facts[machine].get(_FACT) if machine in facts else None
    if not isinstance(found, Mapping) or "interfaces" not in found:
        raise AnsibleActionFail(f"{machine} was not read; add it to --limit, or correct what the run says of it")
    return Seen(machine, _plain(found))


def _plain(value: Any) -> Any:
    """A value in Python's own types, which YAML can write."""
    return json.loads(json.dumps(value, default=dict))


def _groups(options: Mapping[str, Any], facts: Facts) -> dict[str, dict[str, dict[str, Any]]]:
    """The machines of each group with their connections."""
    members: dict[str, Sequence[str]] = {
        **{name: [options[name]] for name in ("nat_host", "reverse_proxy", "jitsi")},
        "videobridge": options["bridges"],
        "outside": options["outside"],
    }
    return {
        group: {str(name): _plain(connection(facts[name], facts[name].__getitem__)) for name in names}
        for group, names in members.items()
        if names
    }


def _kept(machine: str, facts: Facts, copied: Mapping[str, Any]) -> Sequence[Any]:
    return list(kept_back(machine, [str(name) for name in facts[machine]], copied))


def _refuse_existing(path: str) -> None:
    if os.path.lexists(path):
        raise AnsibleActionFail(f"{path} exists already, and is not replaced; name another file")


def _write(path: str, text: str) -> None:
    """Create the file in one step, and never replace another one."""
    try:
        with tempfile.TemporaryDirectory(prefix=".adopt", dir=os.path.dirname(path)) as folder:
            whole = os.path.join(folder, "inventory")
            write(whole, text, _MODE)
            # Unlike a renamed file, a link does not replace what somebody has written meanwhile.
            os.link(whole, path)
    except FileExistsError:
        _refuse_existing(path)
    except OSError as error:
        raise AnsibleActionFail(f"Cannot write {path}: {error.strerror}. Correct this, or name another file") from error
