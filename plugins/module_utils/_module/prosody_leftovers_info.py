# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module prosody_leftovers_info."""

from __future__ import annotations

import os

from ansible.module_utils.basic import AnsibleModule

from .._core.certificates.java_keystore import certificates_of
from .._core.errors import CoreError
from .._core.prosody.leftovers import (
    CONFIGURATION,
    candidates,
    hosts_in,
    in_the_way,
    kept,
    trusted,
)
from .._shell.arguments import refuse_nul
from .._shell.commands import ENGLISH
from .._shell.file_texts import bytes_of_file, text_of_file

KIND = AnsibleModule

OPTIONS = {
    "names": {"type": "list", "elements": "str", "required": True},
    "purpose": {"type": "str", "choices": ["installation", "removal"], "default": "removal"},
    "store": {"type": "path", "default": "/etc/ssl/certs/java/cacerts"},
}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    names = module.params["names"]
    if module.params["purpose"] == "installation":
        module.exit_json(changed=False, paths=_in_the_way(module, names), aliases=[])
        return
    others = [host for path in _configuration_files() for host in hosts_in(text_of_file(module, path) or "")]
    paths = [path for name in names for path in kept(name, _there(name), others)]
    known = _aliases(module)
    module.exit_json(
        changed=False, paths=paths, aliases=[alias for name in names for alias in trusted(name, known, others)]
    )


def _in_the_way(module: AnsibleModule, names: list[str]) -> list[str]:
    state = _package_state(module)
    if state == "installed":
        return []
    forgotten = state in ("", "not-installed")
    return [path for name in names for path in in_the_way(name, _there(name), forgotten)]


def _aliases(module: AnsibleModule) -> list[str]:
    """What Java's trust store holds. One that Java itself cannot read holds nothing that must go."""
    content = bytes_of_file(module, module.params["store"])
    try:
        return list(certificates_of(content)) if content is not None else []
    except CoreError:
        return []


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
