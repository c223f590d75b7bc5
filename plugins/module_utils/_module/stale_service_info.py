# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module stale_service_info."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._core.services.stale import files_to_read, stale
from .._shell.arguments import refuse_nul
from .._shell.services.systemd import changes, read_service

KIND = AnsibleModule

SERVICE = {
    "name": {"type": "str", "required": True},
    "paths": {"type": "list", "elements": "path", "required": True},
    "reload": {"type": "bool", "default": True},
}
OPTIONS = {"services": {"type": "list", "elements": "dict", "required": True, "options": SERVICE}}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    found = {
        service["name"]: files_to_read(
            read_service(module, service["name"]), changes(service["paths"]), service["reload"]
        )
        for service in module.params["services"]
    }
    module.exit_json(changed=False, stale=stale(found), files=found)
