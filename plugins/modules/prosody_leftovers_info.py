#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: prosody_leftovers_info
short_description: Find data in prosody that is left of a removed Jitsi site
version_added: 0.1.0
description:
  - After you purge the packages of Jitsi, prosody can still have certificates, accounts and their passwords.
  - If certificate files are left, you cannot install the package C(jitsi-meet-prosody) again under the same name.
    C(prosodyctl) asks on a terminal before it overwrites them, and fails without a terminal.
  - The trust store of Java also keeps the certificate. C(update-ca-certificates) does not remove it there.
  - Finds such files, folders and entries. It changes nothing.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  names:
    description: The fully qualified names of the sites.
    type: list
    elements: str
    required: true
  purpose:
    description:
      - With V(installation) the module finds files that make a first installation fail. It finds nothing if the
        package is installed.
      - With V(removal) the module finds all files that are left. It skips hosts that a configuration file of prosody
        still defines, because they belong to somebody else.
    type: str
    choices: [installation, removal]
    default: removal
  store:
    description: The trust store of Java, in JKS format.
    type: path
    default: /etc/ssl/certs/java/cacerts
notes:
  - Requires dpkg.
seealso:
  - module: selfhosted.jitsi.prosody_accounts
"""

EXAMPLES = r"""
- name: Check for leftovers of a site
  selfhosted.jitsi.prosody_leftovers_info:
    names: [meet.example.org]
  register: leftovers

- name: Read the list
  ansible.builtin.debug:
    var: leftovers.paths
"""

RETURN = r"""
paths:
  description: The files, links and folders that the module found.
  returned: success
  type: list
  elements: str
  sample: [/var/lib/prosody/meet.example.org.cnf]
aliases:
  description:
    - The aliases of the sites' certificates in the trust store of Java.
    - Empty with O(purpose=installation), and if the trust store does not exist or is not in JKS format.
  returned: success
  type: list
  elements: str
  sample: ["debian:auth.meet.example.org.pem"]
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.prosody_leftovers_info import main

if __name__ == "__main__":
    main()
