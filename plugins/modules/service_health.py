#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service_health
short_description: Wait until services are healthy
version_added: 0.1.0
description:
  - Waits until each service runs, its own processes listen on its ports, and its health page answers 200. A service
    that systemd reports as active does not always do this.
  - Fails at the deadline. The message contains the missing parts and the last lines of the journal and the log of the
    service.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  services:
    description: The services. The module waits for all of them at the same time.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name of the unit.
        type: str
        required: true
      tcp:
        description: The TCP ports that a process of the service must listen on.
        type: list
        elements: int
        default: []
      udp:
        description: The UDP ports that a process of the service must listen on.
        type: list
        elements: int
        default: []
      http:
        description: A URL of this machine that must answer 200.
        type: str
        default: ''
      http_accepted:
        description: Further statuses of a healthy service, such as 404 of a release without the health page.
        type: list
        elements: int
        default: []
      http_grace:
        description:
          - If nothing listens at O(services[].http) this many seconds after the start of the service, the module
            accepts that. Some releases of a service have no such page.
        type: float
        default: 0
      http_first:
        description:
          - A status 200 proves nothing within this many seconds after the start, because the service has not checked
            itself yet. Until then O(services[].log_ready) and O(services[].log_sick) decide.
          - A videobridge answers 200 from its start, and checks itself for the first time after 60 seconds.
        type: float
        default: 0
      log_ready:
        description:
          - Regular expressions. Each of them must match a line in the log since the start of the service. Otherwise an
            early status 200 does not count.
        type: list
        elements: str
        default: []
      log_sick:
        description: Regular expressions. If one of them matches a line in the log since the start of the service, an
          early status 200 does not count.
        type: list
        elements: str
        default: []
      log:
        description: A log file of the service. The message contains its last lines too.
        type: path
        default: ''
      remedy:
        description: Advice for the message if the service does not become healthy.
        type: str
        default: ''
  seconds:
    description: The number of seconds to wait.
    type: float
    default: 60
  stuck_after:
    description: An active service that is not healthy counts as stuck after this many seconds since its start.
    type: float
    default: 60
  lines:
    description: The number of lines of the journal and of the log in the message.
    type: int
    default: 15
notes:
  - Values behind names such as password, secret and token are masked in each line. Passwords in URLs are masked too.
seealso:
  - module: ansible.builtin.wait_for
"""

EXAMPLES = r"""
- name: Wait for the videobridge
  selfhosted.jitsi.service_health:
    seconds: 30
    services:
      - name: jitsi-videobridge2
        udp: [10000]
        http: http://127.0.0.1:8080/about/health
        http_first: 90
        log: /var/log/jitsi/jvb.log
        log_ready: [Initialized mapping harvesters]
"""

RETURN = r"""
missing:
  description: The missing part of each service that is not healthy.
  returned: always
  type: dict
  sample: {"jitsi-videobridge2": "it does not listen on udp/10000"}
stuck:
  description: The active services that are still not healthy after O(stuck_after). Waiting does not help them.
  returned: always
  type: list
  elements: str
  sample: []
"""

import re
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.services.health import Wanted, place_of
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.arguments import refuse_nul
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.services.health import Watch

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


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
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


if __name__ == "__main__":
    main()
