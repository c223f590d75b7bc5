#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stale_service_info
short_description: Find services that run with an old configuration
version_added: 0.1.0
description:
  - Compares the last start or reload of a service with the last change of the files below some paths.
  - If a run stops between a change of a file and the restart of the service, the service keeps its old configuration.
    No later run notifies a handler, because nothing changes any more. This module detects it.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  services:
    description: The services and the paths of their configuration.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name of the unit.
        type: str
        required: true
      paths:
        description: Files and folders that the service reads when it starts or reloads. Missing ones are ignored.
        type: list
        elements: path
        required: true
      reload:
        description:
          - Whether the service reads these files when it reloads.
          - Use V(false) for systemd drop-ins. Limits and the environment only change when the service starts.
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
  description: The names of the services that need a restart or a reload.
  returned: success
  type: list
  elements: str
  sample: [prosody]
files:
  description: For each service, the files that are newer than its running configuration.
  returned: success
  type: dict
  sample: {"prosody": ["/etc/prosody/conf.d/selfhosted-jitsi.cfg.lua"]}
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.stale_service_info import main

if __name__ == "__main__":
    main()
