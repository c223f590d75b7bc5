#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stale_service_info
short_description: Find services that run with an older configuration than is written
version_added: 0.1.0
description:
  - Compares when systemd started or reloaded a service last with when the files below some paths changed last.
  - A run that is cut off between writing a file and restarting its service leaves the machine in that state, and no
    later run would notify a handler, for nothing changes any more. This module sees it.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  services:
    description: The services, and where their configuration is.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name of the unit.
        type: str
        required: true
      paths:
        description: Files and folders that the service reads when it starts or is reloaded. Missing ones are left out.
        type: list
        elements: path
        required: true
      reload:
        description:
          - Whether a reload has the service read these files.
          - V(false) suits drop-ins of systemd. Limits and environment count from the service's start.
        type: bool
        default: true
notes:
  - A service that does not run is never stale.
"""

EXAMPLES = r"""
- name: Check whether prosody runs with its current files
  selfhosted.jitsi.stale_service_info:
    services:
      - name: prosody
        paths: [/etc/prosody]
  register: result
  changed_when: result.stale | length > 0
  notify: Restart prosody

- name: Check whether nginx was started with the limits of its drop-in
  selfhosted.jitsi.stale_service_info:
    services:
      - name: nginx
        paths: [/etc/systemd/system/nginx.service.d]
        reload: false
  register: result
  changed_when: result.stale | length > 0
  notify: Restart nginx
"""

RETURN = r"""
stale:
  description: The names of the services that have to be restarted or reloaded.
  returned: success
  type: list
  elements: str
  sample: [prosody]
files:
  description: For each service the files that are newer than what it runs with.
  returned: success
  type: dict
  sample: {"prosody": ["/etc/prosody/conf.d/selfhosted-jitsi.cfg.lua"]}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.services.stale import files_to_read, stale
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.arguments import refuse_nul
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.services.systemd import changes, read_service

SERVICE = {
    "name": {"type": "str", "required": True},
    "paths": {"type": "list", "elements": "path", "required": True},
    "reload": {"type": "bool", "default": True},
}
OPTIONS = {"services": {"type": "list", "elements": "dict", "required": True, "options": SERVICE}}


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    found = {
        service["name"]: files_to_read(
            read_service(module, service["name"]), changes(service["paths"]), service["reload"]
        )
        for service in module.params["services"]
    }
    module.exit_json(changed=False, stale=stale(found), files=found)


if __name__ == "__main__":
    main()
