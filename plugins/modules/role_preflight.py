#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: role_preflight
short_description: Refuse wrong values of a role's arguments before anything changes
version_added: 0.1.0
description:
  - Converts the arguments of a role to the types in its argument specs, and checks them with the code that the modules
    of this collection use on the machines.
  - Fails with all problems. Each problem begins with the name of the argument and its value, and says what to do.
  - Runs on the controller and connects to no machine.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  role:
    description: The role.
    type: str
    required: true
    choices: [jitsi_meet, nat_host, reverse_proxy, videobridge]
  values:
    description: The arguments of the role, by their names. No message contains the value of a secret.
    type: dict
    required: true
  state:
    description:
      - V(present) checks all arguments.
      - V(absent) checks only the folder for archives, because a role that removes uses no other argument. It is for
        the roles V(jitsi_meet) and V(videobridge).
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: ansible.builtin.validate_argument_spec
"""

EXAMPLES = r"""
- name: Assert that the forwards are valid
  selfhosted.jitsi.role_preflight:
    role: nat_host
    values:
      nat_host_name: jitsi
      nat_host_public_address: 198.51.100.10
      nat_host_network: 192.168.122.0/24
      nat_host_forwards:
        - {protocol: udp, port: 10000, to: 192.168.122.120}
      nat_host_ssh_port: 22
      nat_host_allow_ssh: false
"""
