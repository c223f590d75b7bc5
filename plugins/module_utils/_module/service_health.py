# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module service_health."""

from __future__ import annotations

import re
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._core.errors import CoreError
from .._core.services.health import Wanted, place_of
from .._shell.arguments import refuse_nul
from .._shell.services.health import Watch

KIND = AnsibleModule

SERVICE = {
    "name": {"type": "str", "required": True},
    "tcp": {"type": "list", "elements": "int", "default": []},
    "udp": {"type": "list", "elements": "int", "default": []},
    "http": {"type": "str", "default": ""},
    "http_accepted": {"type": "list", "elements": "int", "default": []},
    "http_grace": {"type": "float", "default": 0},
    "http_first": {"type": "float", "default": 0},
    "log": {"type": "path", "default": ""},
    "log_ready": {"type": "list", "elements": "str", "default": []},
    "log_sick": {"type": "list", "elements": "str", "default": []},
    "remedy": {"type": "str", "default": ""},
}
OPTIONS = {
    "services": {"type": "list", "elements": "dict", "required": True, "options": SERVICE},
    "seconds": {"type": "float", "default": 60},
    "stuck_after": {"type": "float", "default": 60},
    "lines": {"type": "int", "default": 15},
}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    services = module.params["services"]
    for position, service in enumerate(services):
        for option in ("log_ready", "log_sick"):
            for number, pattern in enumerate(service[option]):
                _require_expression(module, f"services[{position}].{option}[{number}]", pattern)
    for position, service in enumerate(services):
        if service["http"]:
            _require_place(module, f"services[{position}].http", service["http"])
    watch = Watch(module)
    missing = watch.until_healthy([_wanted(service) for service in services], module.params["seconds"])
    if not missing:
        module.exit_json(changed=False, missing={}, stuck=[])
    sick = [service for service in services if service["name"] in missing]
    texts = [_text(module, watch, service, missing[service["name"]]) for service in sick]
    stuck = watch.stuck(missing, module.params["stuck_after"])
    module.fail_json(msg="\n".join(texts), missing=missing, stuck=stuck)


def _require_expression(module: AnsibleModule, where: str, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        module.fail_json(msg=f"{where}: {pattern!r} is not a regular expression ({error}); correct or escape it")


def _require_place(module: AnsibleModule, where: str, url: str) -> None:
    try:
        place_of(url)
    except CoreError as error:
        module.fail_json(msg=f"{where}: {error}")


def _wanted(service: dict[str, Any]) -> Wanted:
    values: dict[str, Any] = {name: service[name] for name in ("name", "http", "http_grace", "http_first", "log")}
    for name in ("tcp", "udp", "http_accepted", "log_ready", "log_sick"):
        values[name] = tuple(service[name])
    return Wanted(**values)


def _text(module: AnsibleModule, watch: Watch, service: dict[str, Any], words: str) -> str:
    lines = watch.last_words(service["name"], service["log"], module.params["lines"])
    head = f"{service['name']} is not healthy after {module.params['seconds']:g} seconds: {words}."
    return "\n".join([f"{head} {service['remedy']}".rstrip() + " Last log lines:", *(f"  {line}" for line in lines)])
