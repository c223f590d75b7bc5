# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module prosody_service_accounts."""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._core.prosody.accounts import decide, parse_accounts
from .._core.prosody.service_accounts import Texts, accounts_for, findings, logins_in
from .._shell.arguments import refuse_nul
from .._shell.commands import run
from .._shell.file_texts import text_of_file
from .._shell.module import finish
from .._shell.prosody.accounts import carry_out, read_record
from .prosody_accounts import configuration_texts, difference

KIND = AnsibleModule

OPTIONS = {
    "domain": {"type": "str", "required": True},
    "jicofo_folder": {"type": "path", "default": "/etc/jitsi/jicofo"},
    "bridge_folder": {"type": "path", "default": "/etc/jitsi/videobridge"},
    "prosody_folder": {"type": "path", "default": "/etc/prosody"},
    "data_path": {"type": "path", "default": "/var/lib/prosody"},
}


def _texts(module: AnsibleModule) -> Texts:
    jicofo, bridge = module.params["jicofo_folder"], module.params["bridge_folder"]
    paths = ((jicofo, "jicofo.conf"), (jicofo, "config"), (bridge, "sip-communicator.properties"), (bridge, "jvb.conf"))
    return Texts(*(text_of_file(module, os.path.join(*path)) or "" for path in paths))


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Do the work and return the result for the user."""
    refuse_nul(module)
    domain, data = module.params["domain"], module.params["data_path"]
    logins = logins_in(_texts(module), domain)
    # They come from files, so Ansible does not know them.
    module.no_log_values.update(login.password for login in logins)
    records = {login.name: read_record(data, domain, login.name) for login in logins}
    missing = [name for name, record in records.items() if record is None]
    wanted = accounts_for(logins, missing, configuration_texts(module) if missing else [])
    accounts = parse_accounts([{"name": one.name, "password": one.password} for one in wanted])
    work = decide(records, accounts)
    if work.changed and not module.check_mode:
        carry_out(work, accounts, domain, run)
    services = [login.service for login in logins if login.name in work.created + work.updated]
    result = {"changed": work.changed, "services": services, "findings": findings(work, logins, domain)}
    return {**result, **({"diff": difference(work)} if module._diff else {})}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    finish(module, run_module)
