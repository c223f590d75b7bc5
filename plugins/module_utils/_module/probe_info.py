# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module probe_info."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._core.editing.masking import replaceable
from .._core.probe.verdict import (
    NEEDED,
    ProbeError,
    check_request,
)
from .._shell.probe.run import run_probes

KIND = AnsibleModule

#: What Ansible itself writes for such an option.
HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
PROBE = {
    "name": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True, "choices": list(NEEDED)},
    "url": {"type": "str"},
    "address": {"type": "str"},
    "port": {"type": "int"},
    "ca": {"type": "str"},
    "method": {"type": "str", "default": "GET"},
    "body": {"type": "str"},
    "headers": {"type": "dict", "default": {}},
    "expect_status": {"type": "str"},
    "expect_location": {"type": "str"},
    "expect_body": {"type": "str"},
    "domain": {"type": "str"},
    "payload": {"type": "str", "default": "probe"},
    "expect_reply": {"type": "bool", "default": False},
    "transport": {"type": "str", "choices": ["udp", "tcp", "tls"], "default": "udp"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "login_domain": {"type": "str"},
    "conference": {"type": "bool", "default": False},
    "rooms": {"type": "bool", "default": False},
    "bridge": {"type": "bool", "default": False},
    "media": {"type": "bool", "default": False},
    "expect_address": {"type": "str"},
    "relay": {"type": "bool", "default": False},
    "remedy": {"type": "str", "default": ""},
}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(
        argument_spec={
            "probes": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": PROBE,
                "required_if": [("kind", kind, options) for kind, options in NEEDED.items()],
            },
            "timeout": {"type": "float", "default": 10.0},
        },
        supports_check_mode=True,
    )
    module.no_log_values = replaceable(module.no_log_values)
    if module.params["timeout"] <= 0:
        module.fail_json(msg=f"timeout: {module.params['timeout']:g} is not above 0; give a number of seconds")
    try:
        for position, request in enumerate(module.params["probes"]):
            check_request(request, f"probes[{position}]")
    except ProbeError as error:
        module.fail_json(msg=str(error))
    requests = [dict(one) for one in module.params["probes"]]
    for one in module.params["probes"]:
        # Ansible returns the options, too, and short passwords are not among the texts that it replaces.
        one["password"] = one["password"] and HIDDEN
    rows = run_probes(requests, module.params["timeout"])
    module.exit_json(changed=False, results=rows, failed_count=sum(not row["ok"] for row in rows))
