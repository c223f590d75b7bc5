#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: condition_info
short_description: Read what a machine needs to go on, and to come back after a reboot
version_added: 0.1.0
description:
  - Reads in one step what breaks a machine soon, or at its next boot. Examples are a full disk, a service that is not
    enabled, and a certificate that ends.
  - Reads only what you ask for. It changes nothing.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  disks:
    description: Folders whose file systems you need. A folder that does not exist is left out.
    type: list
    elements: path
    default: []
  memory:
    description: Whether to read the memory.
    type: bool
    default: false
  packages:
    description: Whether to read the packages that dpkg has not finished.
    type: bool
    default: false
  units:
    description: The names of systemd units.
    type: list
    elements: str
    default: []
  certificates:
    description: Files with certificates. The first certificate in a file counts.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The path of the file, in PEM format.
        type: path
        required: true
      name:
        description: The host name or address for which the certificate must be valid.
        type: str
        default: ""
      key:
        description:
          - The path of the private key that must belong to the certificate.
          - The module compares the public keys. It never returns the private key.
        type: path
  configurations:
    description:
      - Programs that test their own configuration. A program that is not installed is not tested.
      - The test of V(nginx) opens what a start of nginx opens. It creates log files, folders and an empty file for the
        process number, if they are missing.
      - The test of V(apache2) creates folders below C(/run), if they are missing.
      - For V(prosody), Lua reads the files and does not run them. Without Lua they are not tested.
    type: list
    elements: str
    choices: [apache2, nginx, prosody, sshd]
    default: []
  resolves:
    description: Names for which the machine's own resolver must find IPv4 addresses. It has five seconds for all.
    type: list
    elements: str
    default: []
  gateway:
    description:
      - Whether to read the default route and the name servers.
      - If the kernel does not know whether the gateway answers, the module sends it an empty datagram, and waits up to
        four seconds.
    type: bool
    default: false
  addresses:
    description: The IPv4 addresses that the machine must have.
    type: list
    elements: str
    default: []
notes:
  - Requires systemd for O(units), the command C(ip) for O(addresses), and OpenSSL 3 for O(certificates).
seealso:
  - module: selfhosted.jitsi.machine_info
"""

EXAMPLES = r"""
- name: Read the disks, the memory, two units and a certificate
  selfhosted.jitsi.condition_info:
    disks: [/, /var, /tmp]
    memory: true
    units: [apache2, certbot.timer]
    certificates:
      - path: /etc/ssl/selfhosted/jitsi.example.org.crt
        name: jitsi.example.org
        key: /etc/ssl/selfhosted/jitsi.example.org.key
  register: condition

- name: Name the units that do not start at the next boot
  ansible.builtin.debug:
    msg: "{{ condition.units | dict2items | rejectattr('value.enabled') | map(attribute='key') }}"
"""

RETURN = r"""
disks:
  description:
    - For each file system the first of your folders in it (C(path)), its size (C(total)) and free space (C(free)) in
      MiB, and its free inodes (C(free_inodes)) in percent.
    - C(free_inodes) is none if the file system does not count inodes. C(read_only) says whether it is mounted so.
  returned: success
  type: list
  elements: dict
  sample: [{"path": "/", "total": 20027, "free": 11046, "free_inodes": 87.4, "read_only": false}]
memory:
  description:
    - The memory and the swap space in MiB. C(oom_kills) counts the processes that the kernel has ended since the boot,
      because no memory was left. Empty without O(memory).
  returned: success
  type: dict
  sample: {"total": 3920, "available": 1204, "swap_total": 0, "swap_free": 0, "oom_kills": 0}
packages:
  description:
    - The names of packages that dpkg has neither installed nor removed completely (C(unfinished)), and whether dpkg was
      killed (C(interrupted)). Empty without O(packages), and on a machine without dpkg.
  returned: success
  type: dict
  sample: {"unfinished": [], "interrupted": false}
units:
  description:
    - For each unit whether systemd knows it (C(exists)), its C(state), whether it runs (C(active)), systemd's word for
      its file (C(file_state)), and whether it starts at the next boot (C(enabled)).
    - C(enabled) is true for C(static), C(alias) and C(indirect) files, for scripts with a link, and for services of an
      enabled socket. It is false for C(enabled-runtime), which a boot forgets, and for C(masked).
    - C(result) is systemd's word for the last run, such as C(success) or C(exit-code). C(needs_reload) says whether
      systemd has not read changed files.
    - For timers, C(next_run) and C(last_run) are times. C(triggers) names the services, and C(failed) those of them
      whose last run failed. C(triggered_by) names the units that start this one.
  returned: success
  type: dict
  sample:
    certbot.timer:
      exists: true
      state: active
      active: true
      file_state: enabled
      enabled: true
      result: success
      needs_reload: false
      next_run: Mon 2026-11-30 06:14:13 UTC
      last_run: Sun 2026-11-29 18:32:05 UTC
      triggers: [certbot.service]
      triggered_by: []
      failed: []
certificates:
  description:
    - For each of O(certificates) its C(path), C(name) and C(key), its time (C(not_before), C(not_after)) in UTC, the
      days until its end (C(days_left)), whether it is valid already (C(begun)), and its C(names).
    - C(fits) says whether it is valid for the name, and C(key_fits) whether the key belongs to it. They are none if you
      do not ask.
    - C(problem) and C(key_problem) say why it cannot be read, or why the key does not belong to it.
  returned: success
  type: list
  elements: dict
  sample:
    - path: /etc/ssl/selfhosted/jitsi.example.org.crt
      name: jitsi.example.org
      not_before: "2026-11-29T15:37:51Z"
      not_after: "2027-12-31T15:37:51Z"
      days_left: 396.9
      begun: true
      names: [jitsi.example.org]
      fits: true
      problem: ""
      key: /etc/ssl/selfhosted/jitsi.example.org.key
      key_fits: true
      key_problem: ""
configurations:
  description:
    - For each program whether it was C(tested), and the C(problem) that it names. The problem names a file and a line,
      and no values.
  returned: success
  type: dict
  sample: {"apache2": {"tested": true, "problem": ""}}
resolves:
  description: For each name its IPv4 C(addresses), and the C(problem) if there are none.
  returned: success
  type: dict
  sample: {"download.jitsi.org": {"addresses": ["192.0.2.80"], "problem": ""}}
gateway:
  description:
    - The C(address) of the gateway of the default route, and its C(device). Both are empty without a default route.
    - C(state) is the kernel's word for the neighbour. C(answers) says whether the gateway answers on its network. It is
      none if the kernel does not know. Empty without O(gateway).
  returned: success
  type: dict
  sample: {"address": "192.168.122.1", "device": "enp1s0", "state": "REACHABLE", "answers": true}
name_servers:
  description: The name servers in C(/etc/resolv.conf). Empty without O(gateway).
  returned: success
  type: list
  elements: str
  sample: [192.168.122.1]
missing_addresses:
  description: Those of O(addresses) that no network device has.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.condition_info import main

if __name__ == "__main__":
    main()
