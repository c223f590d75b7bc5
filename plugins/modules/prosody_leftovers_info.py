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
  - Finds such files and folders. It changes nothing.
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
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.leftovers import (
    CONFIGURATION,
    candidates,
    hosts_in,
    in_the_way,
    kept,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.arguments import refuse_nul
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import ENGLISH
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.file_texts import text_of_file

OPTIONS = {
    "names": {"type": "list", "elements": "str", "required": True},
    "purpose": {"type": "str", "choices": ["installation", "removal"], "default": "removal"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    find = _in_the_way if module.params["purpose"] == "installation" else _kept
    module.exit_json(changed=False, paths=find(module, module.params["names"]))


def _in_the_way(module: AnsibleModule, names: list[str]) -> list[str]:
    state = _package_state(module)
    if state == "installed":
        return []
    forgotten = state in ("", "not-installed")
    return [path for name in names for path in in_the_way(name, _there(name), forgotten)]


def _kept(module: AnsibleModule, names: list[str]) -> list[str]:
    others = [host for path in _configuration_files() for host in hosts_in(text_of_file(module, path) or "")]
    return [path for name in names for path in kept(name, _there(name), others)]


def _there(name: str) -> set[str]:
    return {path for path in candidates(name) if os.path.lexists(path)}


def _package_state(module: AnsibleModule) -> str:
    command = [module.get_bin_path("dpkg-query", required=True), "--show", "--showformat=${db:Status-Status}"]
    # Exit status 1 means that dpkg does not know the package.
    code, output, error = module.run_command([*command, "jitsi-meet-prosody"], environ_update=ENGLISH)
    if code not in (0, 1):
        module.fail_json(
            msg=f"Cannot read the state of the package jitsi-meet-prosody: dpkg-query failed: {error.strip()}"
        )
    state: str = output.strip()
    return state


def _configuration_files() -> list[str]:
    return [
        os.path.join(folder, name)
        for folder, _folders, names in os.walk(CONFIGURATION)
        for name in names
        if name.endswith(".lua") and os.path.isfile(os.path.join(folder, name))
    ]


if __name__ == "__main__":
    main()
