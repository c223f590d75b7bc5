#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: datagram_info
short_description: Watch for a UDP datagram without occupying its port
version_added: 0.1.0
author:
  - The selfhosted.jitsi founders (@selfhosted)
description:
  - With O(phase=start) it starts a process in the background and returns. That process watches the IPv4 datagrams that
    arrive at this machine, until one to O(port) contains O(token).
  - With O(phase=end) it waits for that datagram, ends the process, and returns the sender.
  - Use it to prove that a datagram reaches a videobridge with the sender's own address. A videobridge answers no
    unknown sender. The program that owns the port still gets all its datagrams.
  - The process sees each datagram that arrives after O(phase=start) has returned.
  - If no datagram arrives, the module does not fail. RV(received) is V(false) then.
requirements:
  - Linux, and root (or CAP_NET_RAW)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  phase:
    description:
      - V(start) starts the process, and V(end) returns what it saw and ends it.
      - Both do the same in check mode.
    type: str
    required: true
    choices: [start, end]
  path:
    description:
      - A socket in the file system, through which V(end) finds the process. The process removes it at its end.
      - It must not exist yet. Use a folder that only root can write to, and a path of at most 107 bytes.
    type: path
    required: true
  port:
    description:
      - The destination port of the datagram. Required for O(phase=start).
    type: int
  token:
    description:
      - A text that the payload must contain. Required for O(phase=start). Use a new text each time. It is not a secret.
    type: str
  timeout:
    description:
      - With O(phase=start) the seconds after which the process ends if nobody asks it.
      - With O(phase=end) the seconds to wait for a datagram that has not arrived yet.
    type: float
    default: 10
seealso:
  - module: selfhosted.jitsi.probe_info
"""

EXAMPLES = r"""
- name: Check for the datagram on the bridge's machine, in the background
  selfhosted.jitsi.datagram_info:
    phase: start
    path: /run/watching-3f9c2a77
    port: 10000
    token: 3f9c2a77
    timeout: 60
  become: true

- name: Check that the datagram can be sent from here
  selfhosted.jitsi.probe_info:
    probes:
      - name: datagram
        kind: udp
        address: meet.example.org
        port: 10000
        payload: 3f9c2a77
  delegate_to: localhost

- name: Read whether it arrived
  selfhosted.jitsi.datagram_info:
    phase: end
    path: /run/watching-3f9c2a77
    timeout: 5
  become: true
  register: watched
"""

RETURN = r"""
path:
  description: The socket of the process.
  returned: O(phase=start)
  type: str
  sample: /run/watching-3f9c2a77
received:
  description: Whether the datagram arrived.
  returned: O(phase=end)
  type: bool
  sample: true
source:
  description: The source address of the datagram. Empty if no datagram arrived.
  returned: O(phase=end)
  type: str
  sample: 198.51.100.20
source_port:
  description: The source port of the datagram. 0 if no datagram arrived.
  returned: O(phase=end)
  type: int
  sample: 40123
destination:
  description: The destination address of the datagram, after any translation on the way. Empty if no datagram arrived.
  returned: O(phase=end)
  type: str
  sample: 192.168.122.120
length:
  description: The length of the payload in bytes. 0 if no datagram arrived.
  returned: O(phase=end)
  type: int
  sample: 32
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.datagram_info import main

if __name__ == "__main__":
    main()
