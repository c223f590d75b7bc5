#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: turn_credentials_info
short_description: Make short-lived credentials for a TURN server
version_added: 0.1.0
description:
  - Makes the same credentials that prosody makes for each client. They are a user name that contains its expiry time,
    and a matching password.
  - The module makes them from the secret that prosody and the TURN server share. The secret does not leave the
    machine.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  path:
    description: A file of prosody with a line C(external_service_secret). If there are several such lines, the last
      one counts.
    type: path
    required: true
  seconds:
    description: The number of seconds that the credentials are valid.
    type: int
    default: 300
  name:
    description: A name for the log of the server.
    type: str
    default: check
notes:
  - Use C(no_log) for the task. Everyone who has the password can use the server until it expires.
seealso:
  - module: selfhosted.jitsi.probe_info
"""

EXAMPLES = r"""
- name: Create credentials
  selfhosted.jitsi.turn_credentials_info:
    path: /etc/prosody/conf.d/selfhosted-jitsi.cfg.lua
  register: turn
  no_log: true

- name: Check whether the TURN server accepts them
  selfhosted.jitsi.probe_info:
    probes:
      - name: relay
        kind: turn
        address: meet.example.org
        port: 3478
        username: "{{ turn.username }}"
        password: "{{ turn.password }}"
  delegate_to: localhost
  no_log: true
"""

RETURN = r"""
username:
  description: The user name.
  returned: success
  type: str
  sample: "1790000000:check"
password:
  description: The matching password.
  returned: success
  type: str
  sample: VALUE_THAT_IS_GOOD_FOR_A_WHILE
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.turn_credentials_info import main

if __name__ == "__main__":
    main()
