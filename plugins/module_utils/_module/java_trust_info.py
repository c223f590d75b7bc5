# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module java_trust_info."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._core.certificates.java_keystore import (
    aliases_of,
    certificates_of,
    first_certificate,
)
from .._core.errors import CoreError
from .._shell.arguments import refuse_nul
from .._shell.file_texts import bytes_of_file, text_of_file

KIND = AnsibleModule

OPTIONS = {
    "certificate": {"type": "path", "required": True},
    "store": {"type": "path", "default": "/etc/ssl/certs/java/cacerts"},
}


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    path, store = module.params["certificate"], module.params["store"]
    text = text_of_file(module, path)
    if text is None:
        module.exit_json(changed=False, exists=False, trusted=False, aliases=[], problem="")
        return
    try:
        certificate = first_certificate(text)
    except CoreError as error:
        module.fail_json(msg=f"certificate: {path!r} contains no valid certificate ({error}); give a PEM file with one")
    content = bytes_of_file(module, store)
    aliases, problem = [], "" if content is not None else "the trust store does not exist"
    try:
        aliases = aliases_of(certificate, certificates_of(content)) if content is not None else []
    except CoreError as error:
        problem = str(error)
    module.exit_json(changed=False, exists=True, trusted=bool(aliases), aliases=aliases, problem=problem)
