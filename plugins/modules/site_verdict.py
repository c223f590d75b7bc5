#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: site_verdict
short_description: Judge the facts that the check of a site has gathered
version_added: 0.1.0
description:
  - Turns the facts of the playbook C(selfhosted.jitsi.check) into one row for each thing that was checked, and makes
    a table and sentences of the rows.
  - Reads these facts of each machine. C(check_reached) is the result of M(ansible.builtin.ping). C(check_seen) has the
    raw results, by their subjects. C(check_ended) lists the plays that ran to their ends.
  - Leaves out a machine without C(check_reached), for example because of C(--limit). A machine that was lost midway
    gets a row.
  - Runs on the controller and connects to no machine.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  jitsi:
    description: The Jitsi machine.
    type: str
    required: true
  nat_hosts:
    description: The virtualisation hosts.
    type: list
    elements: str
    default: []
  proxies:
    description: The reverse proxies. Only the first one has rows of its own.
    type: list
    elements: str
    default: []
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
seealso:
  - module: selfhosted.jitsi.probe_info
"""

EXAMPLES = r"""
- name: Check the results
  selfhosted.jitsi.site_verdict:
    jitsi: meet
    proxies: [proxy]
    outside: [localhost]
  register: check_verdict

- name: Check the table of results
  ansible.builtin.debug:
    msg: "{{ check_verdict.table }}"
"""

RETURN = r"""
rows:
  description: One row for each thing that was checked, in the order of the table.
  returned: success
  type: list
  elements: dict
  contains:
    subject:
      description: The subject, such as V(bridge) or V(certificates).
      type: str
    machine:
      description: The machine that shows it. Empty for a row about several machines.
      type: str
    name:
      description: The label of the row.
      type: str
    ok:
      description: Whether it is in order.
      type: bool
    expected:
      description: The expected result.
      type: str
    found:
      description: The actual result.
      type: str
    remedy:
      description: The advice for a row that is not in order.
      type: str
    cause:
      description: The name of the row that explains this one. It is always empty in this release.
      type: str
    anchor:
      description: The page of the documentation in this collection, with its heading.
      type: str
  sample:
    - subject: bridge
      machine: meet
      name: jitsi-videobridge2 runs
      ok: true
      expected: active
      found: active
      remedy: Read journalctl -u jitsi-videobridge2 on meet
      cause: ''
      anchor: docs/guides/check.md#on-the-machines
table:
  description: The lines of a table of the rows.
  returned: success
  type: list
  elements: str
failures:
  description: One sentence with a remedy for each row that is not in order.
  returned: success
  type: list
  elements: str
message:
  description: The sentences as one text, below a heading. Empty if all is in order.
  returned: success
  type: str
"""
