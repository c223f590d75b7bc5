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

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.outcome import Outcome
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packages.repository_keys import parse_fingerprints
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.printable import printable
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.arguments import refuse_nul
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import run
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.files import put
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.module import finish
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.packages.gpg import (
    Reading,
    installed_text,
    read_keys,
)

OPTIONS = {
    "path": {"type": "path", "required": True},
    "fingerprints": {"type": "list", "elements": "str", "required": True},
    "source": {"type": "path"},
}


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Do the work and return the result for the user."""
    path, source = module.params["path"], module.params["source"]
    allowed = parse_fingerprints(module.params["fingerprints"])
    before = installed_text(path)
    # Check mode can run before gpg is installed.
    readable = (source or before is not None) and (module.get_bin_path("gpg") or not module.check_mode)
    reading = read_keys(source or path, allowed, run) if readable else Reading((), "")
    found = [key.fingerprint for key in reading.keys]
    right = bool(reading.text) and not (source and set(found) - set(allowed))
    outcome = Outcome(before, reading.text if right else before)
    if outcome.changed and not module.check_mode:
        put(path, outcome.after)
    expired = any(key.expired for key in reading.keys if key.fingerprint in allowed)
    result = {"changed": outcome.changed, "right": right, "found": found, "expired": expired}
    if module._diff:
        header = {"before_header": path, "after_header": path}
        result["diff"] = dict(header, before=printable(outcome.before or ""), after=printable(outcome.after or ""))
    return result


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    source = module.params["source"]
    if source and not os.path.isfile(source):
        module.fail_json(msg=f"source: {source!r} is not a file; download it first")
    finish(module, run_module)


if __name__ == "__main__":
    main()
