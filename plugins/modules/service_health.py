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
    description:
      - An active service that is not healthy counts as stuck after this many seconds since its start.
      - One that has no process left counts as stuck at once.
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
  description:
    - The active services that are still not healthy after O(stuck_after), or that have no process left.
    - Waiting does not help them.
  returned: always
  type: list
  elements: str
  sample: []
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.service_health import main

if __name__ == "__main__":
    main()
