# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge the facts that the check gathered on the machines of a site, and report the verdict."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.urls import without_user
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.files import write
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.rows import Row
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.site import Record, Site, judge_site
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report import model
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.document import document
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.metrics import metrics
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.page import page
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.text import all_rows, summary, verdict

_LIST = {"type": "list", "elements": "str", "default": []}
_DICTS = {"type": "list", "elements": "dict", "default": []}
_TEXT = {"type": "str", "default": ""}
_DICT = {"type": "dict", "default": {}}
OPTIONS = {
    "jitsi": {"type": "str", "required": True},
    "nat_hosts": _LIST,
    "proxies": _LIST,
    "bridges": _LIST,
    "outside": _LIST,
    "fqdn": _TEXT,
    "public_address": _TEXT,
    "addresses": _DICT,
    "forwards": _DICTS,
    "sites": _DICTS,
    "versions": _DICT,
    "page": {"type": "path", "default": ""},
    "document": {"type": "path", "default": ""},
    "metrics": {"type": "path", "default": ""},
}
_GROUPS = ("jitsi", "nat_hosts", "proxies", "bridges", "outside")
#: Names of machines and addresses stand in them; the collector of metrics is another user.
_MODES = {"page": 0o600, "document": 0o600, "metrics": 0o644}


class ActionModule(ActionBase):
    """The action plugin for tasks of site_verdict."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Print the verdict, write the files that were asked for, and return the rows. Run nothing on a machine."""
        super().run(tmp, task_vars)
        _result, options = self.validate_argument_spec(argument_spec=OPTIONS)
        site = Site(**{name: options[name] for name in _GROUPS})
        facts = (task_vars or {})["hostvars"]
        rows = judge_site(site, {machine: _record(machine, facts) for machine in site.machines()})
        report = _report(site, options, rows)
        _print(report)
        if not self._task.check_mode:
            _write_files(report, options)
        return {
            "changed": False,
            "rows": [row.data() for row in rows],
            "findings": len(model.findings(report)),
            "verdict": verdict(report),
        }


def _record(machine: str, facts: Mapping[str, Mapping[str, Any]]) -> Record:
    if machine not in facts:
        raise AnsibleActionFail(f"Cannot judge {machine!r}: the inventory has no machine of this name. Add it")
    read = facts[machine]
    seen, ended = read.get("check_seen") or {}, read.get("check_ended") or []
    if not isinstance(seen, Mapping) or not all(isinstance(part, Mapping) for part in seen.values()):
        raise AnsibleActionFail(f"Cannot judge {machine}: its fact check_seen is no mapping of subjects to records")
    answer = read.get("check_reached") or {}
    # The controller itself is not asked.
    return Record(None if not answer or answer.get("skipped") else answer, seen, ended)


def _report(site: Site, options: Mapping[str, Any], rows: Sequence[Row]) -> model.Report:
    roles = (
        *(("outside", machine) for machine in site.outside),
        *(("nat_host", machine) for machine in site.nat_hosts[:1]),
        *(("proxy", machine) for machine in site.proxies[:1]),
        ("jitsi", site.jitsi),
        *(("bridge", machine) for machine in site.bridges),
    )
    addresses = options["addresses"]
    return model.Report(
        fqdn=options["fqdn"] or site.jitsi,
        when=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        versions={str(name): str(version) for name, version in options["versions"].items()},
        public_address=options["public_address"],
        machines=[model.Machine(machine, role, str(addresses.get(machine, ""))) for role, machine in roles],
        forwards=[
            model.Forward(*(str(one.get(key, "")) for key in ("protocol", "port", "to"))) for one in options["forwards"]
        ],
        backends=_backends(options["sites"]),
        rows=rows,
    )


def _backends(sites: Sequence[Mapping[str, Any]]) -> list[model.Backend]:
    return [model.Backend(str(one.get("name", "")), without_user(str(one.get("backend", "")))) for one in sites]


def _print(report: model.Report) -> None:
    display = Display()
    lines = summary(report)
    if display.verbosity:
        lines = [*all_rows(report), "", *lines]
    display.display("\n".join(["", *lines, ""]))


def _json(report: model.Report) -> str:
    return json.dumps(document(report), indent=2) + "\n"


def _write_files(report: model.Report, options: Mapping[str, Any]) -> None:
    writers: dict[str, Callable[[model.Report], str]] = {"page": page, "document": _json, "metrics": metrics}
    for name, content in writers.items():
        if options[name]:
            _write(name, os.path.realpath(options[name]), content(report))


def _write(name: str, path: str, content: str) -> None:
    """Replace a file on the controller in one step. It keeps the mode that it has."""
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode) if os.path.exists(path) else _MODES[name]
        write(path, content, mode)
    except OSError as error:
        words = f"Cannot write the {name} {path}: {error.strerror}. Correct this, or name another file"
        raise AnsibleActionFail(words) from error
