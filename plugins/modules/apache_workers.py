#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: apache_workers
short_description: Set the worker limits of Apache for WebSockets of conferences
version_added: 0.1.0
description:
  - Every open WebSocket occupies a worker of Apache. With Debian's settings, 150 open WebSockets stop all sites of the
    machine.
  - A reload keeps the old processes of open WebSockets. When Apache has no slot for another process, all sites stop as
    well.
  - This module writes the limits for workers and processes to two of its own files in C(conf-available). It keeps a
    higher limit that somebody else has set.
  - Apache tests its whole configuration after a change. If the test fails, the module restores the files.
  - The module never reloads or restarts Apache.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
requirements:
  - Apache 2.4, as Debian and Ubuntu package it
  - systemd
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.debian
attributes:
  check_mode:
    description: Can run in check mode and return the changes that it would make.
    support: full
  diff_mode:
    description: Returns both files before and after.
    support: full
options:
  participants:
    description:
      - The number of people in conferences at the same time. Each person has up to two WebSockets.
      - V(0) removes the files of this module. Apache then uses the limits from its other files.
    type: int
    required: true
  may_restart:
    description:
      - Whether you allow a restart of Apache. If a restart is necessary, RV(restart) is then V(true).
      - With V(false) the module warns about a necessary restart.
    type: bool
    default: false
  configuration:
    description: The configuration folder of Apache.
    type: path
    default: /etc/apache2
notes:
  - Reload Apache when something changed. If RV(restart) is V(true), restart Apache instead.
seealso:
  - module: selfhosted.jitsi.apache_sites
"""

EXAMPLES = r"""
- name: Configure Apache for 200 participants
  selfhosted.jitsi.apache_workers:
    participants: 200
    may_restart: true
  register: result

- name: Restart Apache to apply its limits
  ansible.builtin.service:
    name: apache2
    state: restarted
  when: result.restart
"""

RETURN = r"""
restart:
  description: Whether you must restart Apache. It is V(true) only if O(may_restart=true).
  returned: success
  type: bool
  sample: false
restart_owed:
  description: Whether Apache runs without the limits in the files, or would in check mode.
  returned: success
  type: bool
  sample: false
room:
  description: The number of simultaneous connections that Apache allows with the new files.
  returned: success
  type: int
  sample: 384
room_before:
  description: The number of simultaneous connections that Apache allowed with the old files.
  returned: success
  type: int
  sample: 150
diff:
  description: Every file and link that changes, before and after.
  returned: in diff mode
  type: list
  elements: dict
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.apache_workers import main

if __name__ == "__main__":
    main()
