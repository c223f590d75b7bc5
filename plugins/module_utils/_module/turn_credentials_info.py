# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module turn_credentials_info."""

from __future__ import annotations

import time

from ansible.module_utils.basic import AnsibleModule

from .._core.errors import CoreError
from .._core.prosody.turn_credentials import (
    credentials,
    secret_of,
)
from .._shell.arguments import refuse_nul
from .._shell.file_texts import text_of_file

KIND = AnsibleModule

OPTIONS = {
    "path": {"type": "path", "required": True},
    "seconds": {"type": "int", "default": 300},
    "name": {"type": "str", "default": "check"},
}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    path, seconds = module.params["path"], module.params["seconds"]
    if seconds <= 0:
        module.fail_json(msg=f"seconds: {seconds} is not above 0; use a number of seconds above 0")
    try:
        secret = secret_of(text_of_file(module, path) or "")
    except CoreError as error:
        module.fail_json(msg=f"Cannot read a TURN secret from {path}: {error}; run selfhosted.jitsi.site to write it")
    username, password = credentials(secret, int(time.time()) + seconds, module.params["name"])
    module.exit_json(changed=False, username=username, password=password)
