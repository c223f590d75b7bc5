# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module bridge_log_info."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._core.bridge.log import last_lines, read
from .._shell.arguments import refuse_nul
from .._shell.bridge.log import end_of, lines_of, logs
from .._shell.module import finish

KIND = AnsibleModule

OPTIONS = {"folder": {"type": "path", "default": "/var/log/jitsi"}}


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Read the logs and return what is in them."""
    folder = module.params["folder"]
    found = read(lines_of(logs(folder)))
    end = last_lines(end_of(folder))
    return {"changed": False, "oldest": found.oldest, "mappings": list(found.mappings), "end": end}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    finish(module, run_module)
