#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: prosody_accounts
short_description: Manage the accounts of a prosody host
version_added: 0.1.0
description:
  - Creates accounts, changes their passwords and removes them, with C(prosodyctl).
  - The module compares a password with the SCRAM key that prosody keeps. So nothing changes if the password is the
    same. The password appears in no process list, no output and no diff.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
attributes:
  check_mode:
    description: Can run in check mode and report the changes.
    support: full
  diff_mode:
    description: Returns the accounts that are created, are removed or get another password. It never returns a
      password.
    support: full
options:
  host:
    description: The virtual host. This is the part after the C(@).
    type: str
    required: true
  accounts:
    description: The accounts. All other accounts stay unchanged.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The part before the C(@), as prosody writes it. That is in lower case.
        type: str
        required: true
      password:
        description: The password. Required unless O(accounts[].state=absent).
        type: str
      state:
        description: Whether the account exists.
        type: str
        choices: [present, absent]
        default: present
  data_path:
    description: The data folder of prosody. The module can only compare passwords in its file storage, C(internal).
    type: path
    default: /var/lib/prosody
  prosody_folder:
    description:
      - The folder of prosody's configuration files, which say where prosody keeps accounts.
      - The module fails if it would have to know whether an account exists that is not in O(data_path).
    type: path
    default: /etc/prosody
notes:
  - Requires root. The host must be in the configuration of prosody, with C(internal_hashed) or C(internal_plain)
    authentication.
"""

EXAMPLES = r"""
- name: Create two accounts and remove a third one
  selfhosted.jitsi.prosody_accounts:
    host: meet.example.com
    accounts:
      - name: ada
        password: "{{ vault_ada }}"
      - name: grace
        password: "{{ vault_grace }}"
      - name: mallory
        state: absent
"""

RETURN = r"""
created:
  description: The names of the created accounts.
  returned: success
  type: list
  elements: str
  sample: [ada]
updated:
  description: The names of the accounts that got another password.
  returned: success
  type: list
  elements: str
  sample: [grace]
removed:
  description: The names of the removed accounts.
  returned: success
  type: list
  elements: str
  sample: [mallory]
diff:
  description: The accounts that change, before and after.
  returned: in diff mode
  type: dict
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.prosody_accounts import main

if __name__ == "__main__":
    main()
