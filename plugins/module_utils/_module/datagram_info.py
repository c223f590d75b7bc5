# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module datagram_info."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._shell.arguments import refuse_nul
from .._shell.module import finish
from .._shell.probe.watch import end_watch, start_watch

KIND = AnsibleModule


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Begin or end the watch, and return the result for the user."""
    parameters = module.params
    if parameters["phase"] == "end":
        return {"changed": False, **end_watch(parameters["path"], parameters["timeout"])}
    start_watch(parameters["path"], parameters["port"], parameters["token"], parameters["timeout"])
    return {"changed": False, "path": parameters["path"]}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(
        argument_spec={
            "phase": {"type": "str", "required": True, "choices": ["start", "end"]},
            "path": {"type": "path", "required": True},
            "port": {"type": "int"},
            "token": {"type": "str", "no_log": False},
            "timeout": {"type": "float", "default": 10.0},
        },
        required_if=[("phase", "start", ["port", "token"])],
        supports_check_mode=True,
    )
    refuse_nul(module)
    parameters = module.params
    starts, port = parameters["phase"] == "start", parameters["port"]
    if starts and not 0 < (port or 0) < 65536:
        module.fail_json(msg=f"port: {port} is not between 1 and 65535; give the port of the datagram")
    if parameters["timeout"] <= 0:
        module.fail_json(msg=f"timeout: {parameters['timeout']:g} is not above 0; give a number of seconds")
    if starts and not parameters["token"]:
        module.fail_json(msg="token: the text is empty; give a text that the datagram contains")
    finish(module, run_module)
