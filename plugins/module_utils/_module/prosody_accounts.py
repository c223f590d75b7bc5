# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module prosody_accounts."""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._core.errors import CoreError
from .._core.prosody.accounts import (
    Work,
    decide,
    parse_accounts,
)
from .._core.prosody.service_accounts import is_kept_elsewhere
from .._shell.commands import run
from .._shell.file_texts import text_of_file
from .._shell.module import finish
from .._shell.prosody.accounts import carry_out, read_record

KIND = AnsibleModule

ACCOUNT = {
    "name": {"type": "str", "required": True},
    "password": {"type": "str", "no_log": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
OPTIONS = {
    "host": {"type": "str", "required": True},
    "accounts": {"type": "list", "elements": "dict", "required": True, "options": ACCOUNT},
    "data_path": {"type": "path", "default": "/var/lib/prosody"},
    "prosody_folder": {"type": "path", "default": "/etc/prosody"},
}


def configuration_texts(module: AnsibleModule) -> list[str]:
    """Return the texts of prosody's configuration files."""
    folder = module.params["prosody_folder"]
    further = os.path.join(folder, "conf.d")
    names = sorted(os.listdir(further)) if os.path.isdir(further) else []
    paths = [os.path.join(folder, "prosody.cfg.lua")]
    paths += [os.path.join(further, name) for name in names if name.endswith(".lua")]
    return [text_of_file(module, path) or "" for path in paths]


def difference(work: Work) -> dict[str, str]:
    """Return the accounts that change, one a line."""
    before = [f"{name}: there\n" for name in work.removed] + [f"{name}: a password\n" for name in work.updated]
    after = [f"{name}: there\n" for name in work.created] + [f"{name}: another password\n" for name in work.updated]
    return {"before": "".join(before), "after": "".join(after)}


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Do the work and return the result for the user."""
    options = module.params
    accounts = parse_accounts(options["accounts"])
    records = {one.name: read_record(options["data_path"], options["host"], one.name) for one in accounts}
    missing = [name for name, record in records.items() if record is None]
    host = options["host"].lower()
    if missing and any(is_kept_elsewhere(text, host) for text in configuration_texts(module)):
        raise CoreError(
            f"Cannot read whether {options['host']} has the accounts {', '.join(missing)}: prosody's option storage "
            f"keeps accounts outside of {options['data_path']}. Manage them with prosodyctl, and remove "
            "them from accounts"
        )
    work = decide(records, accounts)
    if work.changed and not module.check_mode:
        carry_out(work, accounts, options["host"], run)
    names = {"created": list(work.created), "updated": list(work.updated), "removed": list(work.removed)}
    return {"changed": work.changed, **names, **({"diff": difference(work)} if module._diff else {})}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    finish(module, run_module)
