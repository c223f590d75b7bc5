#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: outside_hosts_info
short_description: List the third-party hosts in the configuration of a Jitsi site
version_added: 0.1.0
description:
  - Reads the configuration of clients and of the videobridge, and collects every host that does not belong to the
    site.
  - The files are C(config.js), C(interface_config.js), C(jvb.conf), C(sip-communicator.properties) and the files of
    prosody.
  - Reads only settings that are in force. It skips comments, settings of C(config.js) that a later assignment
    replaces, blocks that never run, and lists of prosody that another list overrides.
  - Runs no script. Only names of hosts, files and settings leave the machine.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  fqdn:
    description: The name of the site. This name and all names below it belong to the site.
    type: str
    required: true
  own:
    description: Further names and addresses that belong to the site.
    type: list
    elements: str
    default: []
  root:
    description: The root folder of the file system.
    type: path
    default: /
notes:
  - The module finds a host in a URL, in the address of a STUN or TURN server, or before a port. It does not find a
    name that a script builds while it runs.
seealso:
  - module: selfhosted.jitsi.site_verdict
"""

EXAMPLES = r"""
- name: Read the third-party hosts in the configuration
  selfhosted.jitsi.outside_hosts_info:
    fqdn: meet.example.com
  register: outside

- name: Read the list of third-party hosts
  ansible.builtin.debug:
    msg: "{{ outside.hosts | rejectattr('link') | map(attribute='host') | unique }}"
"""

RETURN = r"""
hosts:
  description: One item for each setting that contains a third-party host.
  returned: success
  type: list
  elements: dict
  contains:
    host:
      description: The name or address of the host.
      type: str
    file:
      description: The file that contains the setting.
      type: str
    key:
      description: The setting in the file.
      type: str
    link:
      description: Whether it is only a link that a browser opens after a click.
      type: bool
  sample:
    - host: stun.l.google.com
      file: /etc/jitsi/meet/meet.example.com-config.js
      key: config.p2p.stunServers.urls
      link: false
problems:
  description: One sentence for each file that the module cannot judge.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.outside_hosts_info import main

if __name__ == "__main__":
    main()
