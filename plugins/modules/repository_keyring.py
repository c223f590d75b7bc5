#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: repository_keyring
short_description: Limit an apt keyring to the allowed keys of a repository
version_added: 0.1.0
description:
  - Reads a keyring with C(gpg). Writes the allowed keys as C(gpg) exports them, in one armoured block. So apt reads no
    key that was not compared.
  - Without O(source) the module checks the installed keyring and removes all other keys from it. A keyring without an
    allowed key stays unchanged, and RV(right) is V(false).
  - With O(source) the module checks that file. It writes the keyring only if the file contains allowed keys and no
    others.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes
options:
  path:
    description: Path of the keyring. The module writes it in ASCII, so apt needs a name that ends in C(.asc).
    type: path
    required: true
  fingerprints:
    description: The fingerprints of the allowed primary keys.
    type: list
    elements: str
    required: true
  source:
    description: Path on the target of a downloaded key file.
    type: path
notes:
  - Requires C(gpg).
seealso:
  - module: ansible.builtin.get_url
  - module: ansible.builtin.deb822_repository
"""

EXAMPLES = r"""
- name: Configure the keyring of a repository with a downloaded key
  selfhosted.jitsi.repository_keyring:
    path: /etc/apt/keyrings/example.asc
    source: /root/example-key.asc
    fingerprints: [FFD65A0DA2BEBDEB73D44C8BB4D2D216F1FD7806]
  register: keyring

- name: Assert that the downloaded key is the right one
  ansible.builtin.assert:
    that: keyring.right
    fail_msg: "The file holds {{ keyring.found | join(', ') }}"
"""

RETURN = r"""
right:
  description:
    - Whether the keyring contains allowed keys and no others. In check mode this is the predicted result.
    - With O(source), whether that file contains allowed keys and no others.
  returned: success
  type: bool
  sample: true
found:
  description: The fingerprints of the primary keys in the file, before any key was removed.
  returned: success
  type: list
  elements: str
  sample: [FFD65A0DA2BEBDEB73D44C8BB4D2D216F1FD7806]
expired:
  description: Whether an allowed key in the file, or one of its signing subkeys, has expired.
  returned: success
  type: bool
  sample: false
diff:
  description: The keyring before and after.
  returned: in diff mode
  type: dict
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.repository_keyring import main

if __name__ == "__main__":
    main()
