#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bridge_log_info
short_description: Read the address mappings from the logs of a videobridge
version_added: 0.1.0
description:
  - Reads C(jvb.log) and its rotated copies, the oldest first. Compressed copies are read, too.
  - Copies that are damaged do not count.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  folder:
    description: The folder of the logs.
    type: path
    default: /var/log/jitsi
seealso:
  - plugin: selfhosted.jitsi.bridge_mapped
    plugin_type: test
"""

EXAMPLES = r"""
- name: Read the logs of the videobridge
  selfhosted.jitsi.bridge_log_info:
    folder: /var/log/jitsi
  register: bridge_log

- name: Report the address mappings
  ansible.builtin.debug:
    var: bridge_log.mappings
"""

RETURN = r"""
oldest:
  description: The first line with a date and a time. It is empty if there is no such line.
  returned: success
  type: str
  sample: "JVB 2026-10-01 12:00:01.000 INFO: [1] Main.main#52: Starting jitsi-videobridge"
mappings:
  description: The lines that name the addresses of the bridge, in order.
  returned: success
  type: list
  elements: str
  sample: []
end:
  description: The lines of the last 200,000 bytes of C(jvb.log). The first line can be incomplete.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.bridge_log_info import main

if __name__ == "__main__":
    main()
