# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module bridge_config_info."""

from __future__ import annotations

import os

from ansible.module_utils.basic import AnsibleModule

from .._core.bridge.addresses import Files, Wish, judge
from .._shell.arguments import refuse_nul
from .._shell.file_texts import text_of_file

KIND = AnsibleModule

SETTING = {
    "key": {"type": "str", "required": True, "no_log": False},
    "value": {"type": "raw"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "secret": {"type": "bool", "default": False, "no_log": False},
}
OPTIONS = {
    "folder": {"type": "path", "default": "/etc/jitsi/videobridge"},
    "local_address": {"type": "str", "required": True},
    "public_addresses": {"type": "list", "elements": "str", "required": True},
    "settings": {"type": "list", "elements": "dict", "default": [], "options": SETTING},
}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    texts = (
        text_of_file(module, os.path.join(module.params["folder"], name))
        for name in ("sip-communicator.properties", "jvb.conf", "config")
    )
    wanted = {
        setting["key"]: setting["value"] for setting in module.params["settings"] if setting["state"] == "present"
    }
    report = judge(Files(*texts), Wish(module.params["local_address"], module.params["public_addresses"], wanted))
    module.exit_json(
        changed=False,
        reads=list(report.reads),
        mappings=[" -> ".join(pair) for pair in report.mappings],
        stun=list(report.stun),
        superseded=list(report.superseded),
        findings=list(report.findings),
        port=report.port,
        health=report.health,
        health_interval=report.health_interval,
        log_ready=list(report.log_ready),
        log_sick=list(report.log_sick),
        rooms=list(report.rooms),
        domains=dict(report.domains),
        websockets=dict(report.websockets),
    )
