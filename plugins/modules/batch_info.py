#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: batch_info
short_description: Run modules of this collection in check mode, all in one step
version_added: 0.1.0
description:
  - Runs several modules of this collection in check mode and returns their results. So a role learns in one step
    whether anything differs from the wanted state.
  - Each step costs a connection and a start of Python, and they cost more than most modules.
  - It changes no file and no service. A module that fails does not stop the others, unless it is O(modules[].required).
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  modules:
    description: The modules, in the order in which they run.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: A unique name for the result.
        type: str
        required: true
      module:
        description: The name of the module, without the name of the collection.
        type: str
        required: true
        choices:
          - acme_certificates
          - apache_sites
          - apache_workers
          - bridge_config_info
          - bridge_log_info
          - condition_info
          - config_js
          - datagram_info
          - hocon
          - java_properties
          - java_trust_info
          - machine_info
          - outside_hosts_info
          - package_holds
          - packet_path_info
          - probe_info
          - prosody_leftovers_info
          - prosody_service_accounts
          - repository_keyring
          - service_health
          - stale_service_info
          - unit_limits
      options:
        description:
          - The options of the module.
          - They appear in no output and in no log, because they can be secret.
        type: dict
        default: {}
      required:
        description: Whether this module fails if that one fails.
        type: bool
        default: false
"""

EXAMPLES = r"""
- name: Check whether the videobridge has the wanted configuration
  selfhosted.jitsi.batch_info:
    modules:
      - name: the port
        module: hocon
        options:
          path: /etc/jitsi/videobridge/jvb.conf
          settings:
            - {key: videobridge.ice.udp.port, value: 10000}
      - name: the services
        module: stale_service_info
        options:
          services:
            - {name: jitsi-videobridge2, paths: [/etc/jitsi/videobridge]}
  register: bridge

- name: Check whether a real run changes anything
  ansible.builtin.debug:
    msg: "A real run changes {{ bridge.owed | join(' and ') }}"
  when: bridge.owed | length > 0
"""

RETURN = r"""
owed:
  description:
    - The names of the entries that leave something to do. These are modules that would change something, that fail or
      warn, and info modules that find something out of order.
  returned: success
  type: list
  elements: str
  sample: [the port]
by_name:
  description: For each name the result of the module in check mode and diff mode.
  returned: success
  type: dict
  sample: {"the port": {"changed": true, "notes": [], "warnings": []}}
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.batch_info import main

if __name__ == "__main__":
    main()
