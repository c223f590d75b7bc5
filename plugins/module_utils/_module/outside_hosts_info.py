# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module outside_hosts_info."""

from __future__ import annotations

import glob
import os

from ansible.module_utils.basic import AnsibleModule

from .._core.privacy.outside_hosts import Texts, outside
from .._shell.arguments import refuse_nul
from .._shell.file_texts import text_of_file

KIND = AnsibleModule

OPTIONS = {
    "fqdn": {"type": "str", "required": True},
    "own": {"type": "list", "elements": "str", "default": []},
    "root": {"type": "path", "default": "/"},
}
BRIDGE = "etc/jitsi/videobridge"
PROSODY = "etc/prosody"


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    fqdn, root = module.params["fqdn"], module.params["root"]
    texts = Texts(
        scripts=_texts(module, f"etc/jitsi/meet/{fqdn}-config.js", "usr/share/jitsi-meet/interface_config.js"),
        hocon=_texts(module, f"{BRIDGE}/jvb.conf"),
        properties=_texts(module, f"{BRIDGE}/sip-communicator.properties"),
        prosody=_texts(module, f"{PROSODY}/prosody.cfg.lua", *_below(root, f"{PROSODY}/conf.d", "*.cfg.lua")),
    )
    found, problems = outside(texts, fqdn, module.params["own"])
    module.exit_json(changed=False, hosts=[vars(named) for named in found], problems=problems)


def _below(root: str, folder: str, pattern: str) -> list[str]:
    return sorted(os.path.relpath(path, root) for path in glob.glob(os.path.join(root, folder, pattern)))


def _texts(module: AnsibleModule, *names: str) -> dict[str, str]:
    paths = (os.path.join(module.params["root"], name) for name in names)
    found = {path: text_of_file(module, path) for path in paths}
    return {path: text for path, text in found.items() if text is not None}
