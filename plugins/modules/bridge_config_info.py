#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bridge_config_info
short_description: Report the address settings in the files of a videobridge
version_added: 0.1.0
description:
  - A videobridge of 2020 reads C(sip-communicator.properties), and a current one reads C(jvb.conf). An upgraded one
    reads both files. There old names override new names, and the bridge uses the address mappings of both files.
  - Finds settings that contradict each other or your options. Examples are addresses in quotes, swapped addresses, a
    duplicate mapping, and STUN discovery that is still on in one of the files.
  - Only these settings leave the machine. The passwords in the files do not.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  folder:
    description: The folder with the files.
    type: path
    default: /etc/jitsi/videobridge
  local_address:
    description: The address that the bridge binds.
    type: str
    required: true
  public_addresses:
    description: The addresses that the bridge must announce to clients.
    type: list
    elements: str
    required: true
  settings:
    description:
      - The settings for C(jvb.conf), with the options of M(selfhosted.jitsi.hocon). The module finds old names that
        override them.
    type: list
    elements: dict
    default: []
    suboptions:
      key:
        description: The path of the setting, with dots.
        type: str
        required: true
      value:
        description: The value, of any type.
        type: raw
      state:
        description: The module does not compare settings with V(absent).
        type: str
        choices: [present, absent]
        default: present
      secret:
        description: This module ignores it.
        type: bool
        default: false
seealso:
  - module: selfhosted.jitsi.hocon
  - module: selfhosted.jitsi.java_properties
"""

EXAMPLES = r"""
- name: Read the bridge's configuration
  selfhosted.jitsi.bridge_config_info:
    local_address: 192.168.122.120
    public_addresses: [198.51.100.10]
  register: bridge

- name: Assert that the files agree
  ansible.builtin.assert:
    that: bridge.findings | length == 0
    fail_msg: "{{ bridge.findings | join('; ') }}"
"""

RETURN = r"""
reads:
  description: The names of the files that the installed bridge reads. The file with the highest precedence comes
    first. Empty if there is no file.
  returned: success
  type: list
  elements: str
  sample: [sip-communicator.properties, jvb.conf]
mappings:
  description: The address mappings of both files, as C(LOCAL -> PUBLIC).
  returned: success
  type: list
  elements: str
  sample: ["192.168.122.120 -> 198.51.100.10"]
stun:
  description: The servers that the bridge queries for its own address.
  returned: success
  type: list
  elements: str
  sample: []
superseded:
  description: Old names that you must comment out, because they override settings for C(jvb.conf).
  returned: success
  type: list
  elements: str
  sample: [org.ice4j.ice.harvest.STUN_MAPPING_HARVESTER_ADDRESSES]
findings:
  description: One sentence for each problem.
  returned: success
  type: list
  elements: str
  sample: []
port:
  description: The UDP port for media.
  returned: success
  type: int
  sample: 10000
health:
  description: The URL of the health page of the bridge. A bridge of 2020 has no health page unless you switch it on.
  returned: success
  type: str
  sample: http://127.0.0.1:8080/about/health
health_interval:
  description:
    - The seconds between two health checks of the bridge. The first check runs this long after the start. Until then
      the page answers 200 even if the bridge has a problem.
  returned: success
  type: float
  sample: 60.0
log_ready:
  description: Regular expressions. Each of them matches in the log of a healthy bridge before its first health check.
  returned: success
  type: list
  elements: str
  sample: ["(mask|publicAddress)=/?[0-9]"]
log_sick:
  description: Regular expressions. One of them matches in the log of a bridge that will report itself as unhealthy.
  returned: success
  type: list
  elements: str
  sample: []
rooms:
  description: The MUC rooms of prosody that the bridge joins for jicofo, each with the nickname of the bridge.
  returned: success
  type: list
  elements: str
  sample: [jvbbrewery@internal.auth.meet.example.org/bridge1]
domains:
  description: The domain of prosody in which each connection of the bridge logs in, by the name of the connection.
  returned: success
  type: dict
  sample: {shard: auth.meet.example.org}
websockets:
  description:
    - The settings of the files for the bridge's WebSockets, by their old and new names. The filter
      P(selfhosted.jitsi.bridge_websockets#filter) interprets them.
  returned: success
  type: dict
  sample: {"videobridge.websockets.enabled": true, "videobridge.http-servers.public.port": 9090}
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.bridge_config_info import main

if __name__ == "__main__":
    main()
