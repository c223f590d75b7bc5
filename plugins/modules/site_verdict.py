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
  - Turns the facts of the playbook C(selfhosted.jitsi.check) into one row for each thing that was checked.
  - Prints the verdict and the findings in at most 80 columns. A finding is a row that is not in order, and that no
    other row explains. With C(-v) it prints all rows.
  - Can also write the results as a page, as JSON and as metrics. In check mode it writes no file.
  - Reads these facts of each machine. C(check_reached) is the result of a first task. C(check_seen) has the
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
  fqdn:
    description: The name of the Jitsi site. The name of the Jitsi machine if it is empty.
    type: str
    default: ""
  public_address:
    description: The address of the site on the Internet.
    type: str
    default: ""
  addresses:
    description: The address of each machine, by its name in the inventory.
    type: dict
    default: {}
  forwards:
    description: The forwards of the host, as the option O(selfhosted.jitsi.port_forwards#module:forwards) has them.
    type: list
    elements: dict
    default: []
  sites:
    description: The sites of the proxy, each with its C(name) and the URL of its C(backend).
    type: list
    elements: dict
    default: []
  versions:
    description: Names of programs with their versions.
    type: dict
    default: {}
  page:
    description:
      - A file on the controller for the results as one HTML page. The page needs no other file.
      - Only you can read a new file.
      - The folder of the file must exist. An empty value writes no file.
    type: path
    default: ""
  document:
    description:
      - A file on the controller for the results as JSON. C(docs/schemas/check.json) describes it.
      - Only you can read a new file.
      - The folder of the file must exist. An empty value writes no file.
    type: path
    default: ""
  metrics:
    description:
      - A file on the controller for the results as metrics, for the textfile collector of Prometheus. All users can
        read a new file.
      - The folder of the file must exist. An empty value writes no file.
    type: path
    default: ""
seealso:
  - module: selfhosted.jitsi.probe_info
"""

EXAMPLES = r"""
- name: Check the results
  selfhosted.jitsi.site_verdict:
    jitsi: meet
    proxies: [proxy]
    outside: [localhost]
    page: check.html
  register: check_verdict

- name: Assert that no check failed
  ansible.builtin.assert:
    that: check_verdict.findings == 0
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
      description: The name of the failed row that explains this one. Empty if none does.
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
findings:
  description: The number of rows that are not in order and that no other row explains.
  returned: success
  type: int
  sample: 0
verdict:
  description: The result in one sentence.
  returned: success
  type: str
  sample: "jitsi.example.org works: all 31 checks passed"
"""
