#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: site_inventory
short_description: Write the inventory of a site that somebody set up by hand
version_added: 0.1.0
description:
  - Turns the facts of the playbook C(selfhosted.jitsi.adopt) into an inventory for C(selfhosted.jitsi.site).
  - Reads the fact C(adopt_found) of each machine. It is the result of M(selfhosted.jitsi.existing_site_info).
  - Prints what no variable can say and what you must decide. The file has the same remarks as comments.
  - Creates the file in one step. Only you can read it. It never replaces a file. In check mode it writes nothing.
  - Copies the connection of each machine from your inventory, without passwords.
  - Runs on the controller and connects to no machine.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  path:
    description: The file on the controller. It must not exist, and its folder must exist.
    type: path
    required: true
  nat_host:
    description: The virtualisation host.
    type: str
    required: true
  reverse_proxy:
    description: The reverse proxy.
    type: str
    required: true
  jitsi:
    description: The Jitsi machine.
    type: str
    required: true
  bridges:
    description: The machines of the further bridges.
    type: list
    elements: str
    default: []
  outside:
    description: The machines that probe the site.
    type: list
    elements: str
    default: []
  fqdn:
    description: The name of the Jitsi site. It is required if the Jitsi machine has several sites.
    type: str
    default: ""
seealso:
  - module: selfhosted.jitsi.existing_site_info
"""

EXAMPLES = r"""
- name: Create the inventory
  selfhosted.jitsi.site_inventory:
    path: adopted.yml
    nat_host: host
    reverse_proxy: proxy
    jitsi: meet
  register: adopt_inventory_made

- name: Name what is left to do
  ansible.builtin.debug:
    var: adopt_inventory_made.remarks
"""

RETURN = r"""
path:
  description: The absolute path of the file.
  returned: success
  type: str
  sample: /root/adopted.yml
remarks:
  description: What the inventory cannot say, one text for each remark.
  returned: success
  type: list
  elements: str
  sample: ["host: No rule leads udp/10000 to 192.168.122.120. Leave the forward in the inventory."]
"""
