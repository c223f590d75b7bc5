#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: machine_info
short_description: Read packages, units, files and free space in one step
version_added: 0.1.0
description:
  - Reads in one step what a role must know before it decides. Each step costs a connection and a start of Python, and
    they cost more than the reading.
  - Reads only what you ask for. It changes nothing.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  packages:
    description: Whether to read the packages.
    type: bool
    default: false
  units:
    description: The names of systemd units.
    type: list
    elements: str
    default: []
  conffiles:
    description:
      - Packages whose configuration files you compare with those that the packages brought.
      - RV(edited) names the files that were edited.
    type: list
    elements: str
    default: []
  paths:
    description: The paths of files, folders and links. The module does not follow a link.
    type: list
    elements: path
    default: []
  contents:
    description: The paths of files whose content you need. Do not read secrets with it, because the result shows them.
    type: list
    elements: path
    default: []
  patterns:
    description: Shell patterns of paths.
    type: list
    elements: path
    default: []
  free:
    description: Folders whose free space you need.
    type: list
    elements: path
    default: []
  expected:
    description: Files and folders that you compare with the wanted state. RV(differing) names those that are not so.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The path of the file or folder.
        type: path
        required: true
      kind:
        description: What it must be. A link is neither.
        type: str
        choices: [file, directory]
        default: file
      checksum:
        description: The SHA-256 of the content in hexadecimal digits. If it is not set, every content counts as right.
        type: str
      mode:
        description: The mode, as four octal digits.
        type: str
        default: "0644"
      owner:
        description: The name of the owner.
        type: str
        default: root
      group:
        description: The name of the group.
        type: str
        default: root
  searches:
    description: Regular expressions that you look for in files. RV(found) names the files.
    type: list
    elements: dict
    default: []
    suboptions:
      patterns:
        description: Shell patterns of the files.
        type: list
        elements: path
        required: true
      excluded:
        description: Paths that are left out.
        type: list
        elements: path
        default: []
      expression:
        description: The regular expression. It can match anywhere in a line.
        type: str
        required: true
notes:
  - Requires dpkg for O(packages) and O(conffiles), and systemd for O(units).
seealso:
  - module: ansible.builtin.package_facts
  - module: ansible.builtin.service_facts
  - module: ansible.builtin.stat
  - module: ansible.builtin.slurp
"""

EXAMPLES = r"""
- name: Read the packages, two units and the configuration of nginx
  selfhosted.jitsi.machine_info:
    packages: true
    units: [nginx, prosody]
    contents: [/etc/nginx/nginx.conf]
  register: machine

- name: Configure services that do not run
  ansible.builtin.service:
    name: "{{ item.key }}"
    state: started
  loop: "{{ machine.units | dict2items | rejectattr('value.active') }}"
"""

RETURN = r"""
packages:
  description: The version of each package that is installed and configured.
  returned: success
  type: dict
  sample: {"nginx": "1.22.1-9"}
unfinished:
  description: The names of packages that dpkg has neither installed nor removed completely.
  returned: success
  type: list
  elements: str
  sample: []
interrupted:
  description: Whether dpkg was killed, so that it must finish its work first.
  returned: success
  type: bool
  sample: false
units:
  description:
    - For each unit its C(state), the paths of its C(drop_ins), whether systemd knows it (C(exists)), whether it runs
      (C(active)), whether it starts at boot (C(enabled)), and the time of its last start (C(started)).
  returned: success
  type: dict
  sample: {"nginx": {"state": "active", "active": true, "enabled": true, "exists": true, "drop_ins": [], "started": ""}}
edited:
  description: The edited configuration files of O(conffiles). A package that is not installed has none.
  returned: success
  type: list
  elements: str
  sample: [/etc/turnserver.conf]
paths:
  description: For each path that exists, its C(kind) (V(file), V(directory), V(link) or V(other)), C(mode), C(owner),
    C(group) and the C(target) of a link.
  returned: success
  type: dict
  sample: {"/etc/mtab": {"kind": "link", "mode": "0777", "owner": "root", "group": "root", "target": "/proc/mounts"}}
contents:
  description: The content of each file that exists, in base64.
  returned: success
  type: dict
  sample: {"/etc/hostname": "amlcbg=="}
matching:
  description: The paths that match O(patterns).
  returned: success
  type: list
  elements: str
  sample: [/etc/nginx/conf.d/default.conf]
differing:
  description: The paths of O(expected) that are missing or differ.
  returned: success
  type: list
  elements: str
  sample: []
found:
  description: For each expression of O(searches) the files in which it matches.
  returned: success
  type: dict
  sample: {"^deb ": [/etc/apt/sources.list]}
free:
  description: The free space below each folder in MiB.
  returned: success
  type: dict
  sample: {"/var": 21034}
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.machine_info import main

if __name__ == "__main__":
    main()
