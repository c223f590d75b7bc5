#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: existing_site_info
short_description: Read a Jitsi site that somebody set up by hand
version_added: 0.1.0
description:
  - Reads the forwards of a host, the vhosts of Apache, and the settings of Jitsi Meet, whoever made them.
  - Reads only what you ask for. It changes nothing.
  - Returns no secret. It reads files that hold secrets, and returns only settings that it knows.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  forwards:
    description: Whether to read the forwards in the rules of iptables.
    type: bool
    default: false
  vhosts:
    description: Whether to read the vhosts of Apache.
    type: bool
    default: false
  jitsi:
    description: Whether to read the settings of Jitsi Meet and of its videobridge.
    type: bool
    default: false
notes:
  - Requires the command C(ip).
seealso:
  - module: selfhosted.jitsi.site_inventory
  - module: selfhosted.jitsi.machine_info
"""

EXAMPLES = r"""
- name: Read the forwards of the host
  selfhosted.jitsi.existing_site_info:
    forwards: true
  register: existing_site

- name: Name the guests that the host forwards to
  ansible.builtin.debug:
    msg: "{{ existing_site.forwards.forwards | map(attribute='to') | unique }}"
"""

RETURN = r"""
interfaces:
  description: The IPv4 addresses of the machine, without loopback. Each has its C(address), C(network) and C(device).
  returned: success
  type: list
  elements: dict
  sample: [{"address": "192.168.122.1", "network": "192.168.122.0/24", "device": "virbr0"}]
forwards:
  description:
    - C(forwards) has each forward with its C(protocol), C(port), C(to), C(to_port), C(public_address), C(source),
      C(interface) and its C(rule). C(restriction) is the rule in FORWARD by which only some senders reach the guest. It
      is empty if everybody does.
    - C(unread) has the other rules with DNAT, REDIRECT or NETMAP. They have more conditions than a forward, or do not
      get all packets. C(nftables) counts the rules with dnat that C(nft) made.
    - C(owners) has the names of the forwards that M(selfhosted.jitsi.port_forwards) made.
    - Empty without O(forwards).
  returned: success
  type: dict
  sample: {"forwards": [], "unread": [], "owners": [jitsi], "nftables": 0}
proxy:
  description:
    - C(installed) says whether Apache is there.
    - Each of C(vhosts) has its C(name), C(aliases), C(addresses), C(file), C(line), C(certificate), C(certificate_key),
      C(chain) and C(backends). C(tls) says whether it uses TLS. C(ours) says whether this collection wrote it.
    - C(lines) has its redirects, its rules for WebSockets, and each C(ProxyPass) that is no backend of one path.
    - C(others) names its other directives, without their arguments.
    - Empty without O(vhosts).
  returned: success
  type: dict
  sample: {"installed": true, "vhosts": []}
jitsi:
  description:
    - C(sites) has the sites with their authentication and the changes in their C(config.js). C(bridge) has the settings
      of the videobridge, with C(problems) for its files that cannot be parsed. C(packages) has the versions of Jitsi's
      packages, and C(sources) their repositories.
    - Each of C(sources) says whether it is C(used), and whether its file has it C(alone).
    - What prosody computes is V(null). What config.js computes or has below a condition is not C(plain).
    - C(marks) has the paths that the roles of this collection made.
    - Empty without O(jitsi).
  returned: success
  type: dict
  sample: {"marks": [], "packages": {}, "sites": [], "bridge": {"reads": []}, "sources": []}
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.existing_site_info import main

if __name__ == "__main__":
    main()
