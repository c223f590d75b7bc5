# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask systemd about services, and the file system about their files."""

from __future__ import annotations

import os
import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.services.stale import Service, parse_properties
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import ENGLISH

from ..commands import Runner, call

PROPERTIES = "ActiveState,ReloadResult,StateChangeTimestampMonotonic,ExecMainStartTimestampMonotonic"


def read_service(module: AnsibleModule, name: str) -> Service:
    """A service's state; one that systemd does not know counts as not running."""
    command = [module.get_bin_path("systemctl", required=True), "show", "--property", PROPERTIES, "--", name]
    code, output, error = module.run_command(command, environ_update=ENGLISH)
    if code:
        module.fail_json(msg=f"Cannot read the state of {name!r} from systemd: {error.strip() or output.strip()}")
    return parse_properties(output, time.time() - time.clock_gettime(time.CLOCK_MONOTONIC))


def ask_service(run: Runner, name: str) -> Service:
    """The same without Ansible.

    :raises CommandError: if systemd does not say it.
    """
    command = ["systemctl", "show", "--property", PROPERTIES, "--", name]
    output = call(run, command, "", f"read the state of {name} from systemd", "systemd")
    return parse_properties(output, time.time() - time.clock_gettime(time.CLOCK_MONOTONIC))


def changes(paths: list[str]) -> list[tuple[str, float]]:
    """Every file and folder below some paths, with the time of its last change; what is missing is left out."""
    found = []
    for path in paths:
        found.extend(_below(path))
    return found


def _below(path: str) -> list[tuple[str, float]]:
    names = [path]
    for folder, folders, files in os.walk(path):
        names.extend(os.path.join(folder, name) for name in folders + files)
    found = []
    for name in names:
        try:
            found.append((name, _changed_at(name)))
        except FileNotFoundError:
            continue
    return found


def _changed_at(name: str) -> float:
    """The time of the inode, for a file that was moved here may bear an old time of its content.

    Of a link the link itself counts, and what it leads to.
    """
    changed = os.lstat(name).st_ctime
    if os.path.islink(name) and os.path.isfile(name):
        changed = max(changed, os.stat(name).st_ctime)
    return changed
