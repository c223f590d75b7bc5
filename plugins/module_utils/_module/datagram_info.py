# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module datagram_info."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._shell.arguments import refuse_nul
from .._shell.module import finish
from .._shell.probe.capture import (
    open_capture,
    ready_mark,
    wait_for_datagram,
)

KIND = AnsibleModule


def watch(port: int, token: str, timeout: float, ready_path: str | None) -> dict[str, Any]:
    """Return the result of the module: the datagram, if it arrived."""
    with open_capture(port) as capture, ready_mark(ready_path):
        datagram = wait_for_datagram(capture, port, token, timeout)
    return {
        "received": datagram is not None,
        "source": datagram.source if datagram else "",
        "source_port": datagram.source_port if datagram else 0,
        "destination": datagram.destination if datagram else "",
        "length": len(datagram.payload) if datagram else 0,
    }


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Wait for the datagram and return the result for the user."""
    parameters = module.params
    seen = watch(parameters["port"], parameters["token"], parameters["timeout"], parameters["ready_path"])
    return {"changed": False, **seen}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(
        argument_spec={
            "port": {"type": "int", "required": True},
            "token": {"type": "str", "required": True, "no_log": False},
            "timeout": {"type": "float", "default": 10.0},
            "ready_path": {"type": "path"},
        },
        supports_check_mode=True,
    )
    refuse_nul(module)
    parameters = module.params
    if not 0 < parameters["port"] < 65536:
        module.fail_json(msg=f"port: {parameters['port']} is not between 1 and 65535; give the port of the datagram")
    if parameters["timeout"] <= 0:
        module.fail_json(msg=f"timeout: {parameters['timeout']:g} is not above 0; give a number of seconds")
    if not parameters["token"]:
        module.fail_json(msg="token: the text is empty; give a text that the datagram contains")
    finish(module, run_module)
