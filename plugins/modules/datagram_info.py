#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: datagram_info
short_description: Wait for a UDP datagram, beside the program that owns the port
version_added: 0.1.0
author:
  - The selfhosted.jitsi founders (@selfhosted)
description:
  - Watches the IPv4 datagrams that arrive at this machine until one to O(port) contains O(token), and returns who sent
    it.
  - So one can prove that a datagram reaches a videobridge with its sender's own address, although a videobridge
    answers no stranger. Nothing is taken away from the program that owns the port.
  - That no datagram comes is a result, not a failure.
requirements:
  - Linux, and root (or CAP_NET_RAW)
options:
  port:
    description:
      - The destination port of the datagram.
    type: int
    required: true
  token:
    description:
      - A text that the payload must contain. Take a new one each time. It is no secret.
    type: str
    required: true
  timeout:
    description:
      - Seconds to wait.
    type: float
    default: 10
  ready_path:
    description:
      - A file that exists while the module watches, and is removed at the end. Wait for it with
        M(ansible.builtin.wait_for) before the datagram is sent.
      - It must not exist yet, and its folder should be one in which only root can write.
    type: path
attributes:
  check_mode:
    description: The module changes nothing, so check mode does the same.
    support: full
  diff_mode:
    description: The module changes nothing, so there is no diff.
    support: none
seealso:
  - module: selfhosted.jitsi.probe_info
"""

EXAMPLES = r"""
- name: Check for the datagram on the bridge's machine, in the background
  selfhosted.jitsi.datagram_info:
    port: 10000
    token: 3f9c2a77
    timeout: 30
    ready_path: /run/watching-3f9c2a77
  become: true
  async: 40
  poll: 0
  changed_when: false
  register: watch

- name: Wait until it does
  ansible.builtin.wait_for:
    path: /run/watching-3f9c2a77
    timeout: 10

- name: Check that the datagram can be sent from here
  selfhosted.jitsi.probe_info:
    probes:
      - name: datagram
        kind: udp
        address: meet.example.org
        port: 10000
        payload: 3f9c2a77
  delegate_to: localhost

- name: Wait for the result
  ansible.builtin.async_status:
    jid: "{{ watch.ansible_job_id }}"
  become: true
  register: watched
  until: watched is finished
  retries: 30
  delay: 1
"""

RETURN = r"""
received:
  description: Whether the datagram came within O(timeout).
  returned: success
  type: bool
  sample: true
source:
  description: The address that it came from, empty if none came.
  returned: success
  type: str
  sample: 198.51.100.20
source_port:
  description: The port that it came from, 0 if none came.
  returned: success
  type: int
  sample: 40123
destination:
  description: The address that it was sent to, after any translation on the way; empty if none came.
  returned: success
  type: str
  sample: 192.168.122.120
length:
  description: The length of its payload in bytes, 0 if none came.
  returned: success
  type: int
  sample: 32
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.arguments import refuse_nul
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.capture import (
    CaptureError,
    open_capture,
    ready_mark,
    wait_for_datagram,
)


def watch(port: int, token: str, timeout: float, ready_path: str | None) -> dict[str, Any]:
    """The result of the module: what came, if it came."""
    with open_capture(port) as capture, ready_mark(ready_path):
        datagram = wait_for_datagram(capture, port, token, timeout)
    return {
        "received": datagram is not None,
        "source": datagram.source if datagram else "",
        "source_port": datagram.source_port if datagram else 0,
        "destination": datagram.destination if datagram else "",
        "length": len(datagram.payload) if datagram else 0,
    }


def main() -> None:
    module = AnsibleModule(
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
        module.fail_json(msg=f"port is {parameters['port']}; give a number from 1 to 65535")
    if parameters["timeout"] <= 0 or not parameters["token"]:
        module.fail_json(msg="timeout or token is empty; give a number of seconds above 0 and a text to look for")
    try:
        result = watch(parameters["port"], parameters["token"], parameters["timeout"], parameters["ready_path"])
    except CaptureError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
