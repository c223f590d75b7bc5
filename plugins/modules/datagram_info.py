#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: datagram_info
short_description: Wait for a UDP datagram without occupying its port
version_added: 0.1.0
author:
  - The selfhosted.jitsi founders (@selfhosted)
description:
  - Watches the IPv4 datagrams that arrive at this machine, until one to O(port) contains O(token). Returns the sender
    of that datagram.
  - Use it to prove that a datagram reaches a videobridge with the sender's own address. A videobridge answers no
    unknown sender. The program that owns the port still gets all its datagrams.
  - If no datagram arrives, the module does not fail. RV(received) is V(false) then.
requirements:
  - Linux, and root (or CAP_NET_RAW)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  port:
    description:
      - The destination port of the datagram.
    type: int
    required: true
  token:
    description:
      - A text that the payload must contain. Use a new text each time. It is not a secret.
    type: str
    required: true
  timeout:
    description:
      - Seconds to wait.
    type: float
    default: 10
  ready_path:
    description:
      - A file that exists while the module watches. The module removes it at the end. Wait for it with
        M(ansible.builtin.wait_for) before you send the datagram.
      - It must not exist yet. Use a folder that only root can write to.
    type: path
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

- name: Wait until the module watches
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
  description: Whether the datagram arrived within O(timeout).
  returned: success
  type: bool
  sample: true
source:
  description: The source address of the datagram. Empty if no datagram arrived.
  returned: success
  type: str
  sample: 198.51.100.20
source_port:
  description: The source port of the datagram. 0 if no datagram arrived.
  returned: success
  type: int
  sample: 40123
destination:
  description: The destination address of the datagram, after any translation on the way. Empty if no datagram arrived.
  returned: success
  type: str
  sample: 192.168.122.120
length:
  description: The length of the payload in bytes. 0 if no datagram arrived.
  returned: success
  type: int
  sample: 32
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.datagram_info import main

if __name__ == "__main__":
    main()
