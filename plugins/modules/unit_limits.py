#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: unit_limits
short_description: Set limits of services that nobody else sets
version_added: 0.1.0
description:
  - Writes a systemd drop-in for each limit, such as the number of open files or a variable with the size of a heap.
  - Searches the files of the unit, the files for all units and O(limits[].files) first. If somebody else sets the limit
    there, the module writes no drop-in and removes its own.
  - The module does not reload systemd and restarts no service.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes
options:
  limits:
    description: The limits. Each unit can have one.
    type: list
    elements: dict
    required: true
    suboptions:
      unit:
        description: The name of the service, without C(.service).
        type: str
        required: true
      name:
        description: The name of the setting. The module looks for it in other files.
        type: str
        required: true
      setting:
        description: The line of the drop-in. An empty value removes the drop-in.
        type: str
        required: true
      files:
        description: Further files that can have the setting.
        type: list
        elements: path
        default: []
  caller:
    description: The program that wants the limits, for the first line of the drop-ins.
    type: str
    required: true
notes:
  - The drop-ins are C(/etc/systemd/system/UNIT.service.d/00-selfhosted-jitsi.conf).
seealso:
  - module: selfhosted.jitsi.stale_service_info
"""

EXAMPLES = r"""
- name: Configure the number of open files of nginx
  selfhosted.jitsi.unit_limits:
    caller: my playbook
    limits:
      - unit: nginx
        name: LimitNOFILE
        setting: LimitNOFILE=16384
  register: limits

- name: Reload systemd
  ansible.builtin.systemd_service:
    daemon_reload: true
  when: limits is changed
"""

RETURN = r"""
written:
  description: The units whose drop-in was created or changed.
  returned: success
  type: list
  elements: str
  sample: [nginx]
removed:
  description: The units whose drop-in was removed.
  returned: success
  type: list
  elements: str
  sample: []
diff:
  description: The drop-ins that change, before and after.
  returned: in diff mode
  type: list
  elements: dict
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.unit_limits import main

if __name__ == "__main__":
    main()
