#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: java_trust_info
short_description: Tell whether Java trusts a certificate by itself
version_added: 0.1.0
description:
  - Looks whether the trust store of Java holds the very certificate of a file. A server whose certificate was made anew
    under the same name shows another one than the store may hold, and Java's programs then refuse it with
    C(PKIX path building failed).
  - Only the first certificate of the file counts, for it is the one that a server shows as its own.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  certificate:
    description: A file with the certificate in the format PEM.
    type: path
    required: true
  store:
    description: The trust store, in the format JKS.
    type: path
    default: /etc/ssl/certs/java/cacerts
notes:
  - A Java program reads the store when it starts.
seealso:
  - module: selfhosted.jitsi.stale_service_info
"""

EXAMPLES = r"""
- name: Check whether Java trusts prosody's certificate
  selfhosted.jitsi.java_trust_info:
    certificate: /etc/prosody/certs/auth.meet.example.org.crt
  register: trust

- name: Configure Java to trust it
  ansible.builtin.command: update-ca-certificates --fresh
  when: trust.exists and not trust.trusted
"""

RETURN = r"""
exists:
  description: Whether the file with the certificate is there.
  returned: success
  type: bool
  sample: true
trusted:
  description: Whether the store holds the certificate.
  returned: success
  type: bool
  sample: false
aliases:
  description: The names under which the store has it.
  returned: success
  type: list
  elements: str
  sample: ["debian:auth.meet.example.org.pem"]
problem:
  description: Why the store could not be read, or is none; empty if it could.
  returned: success
  type: str
  sample: ""
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.certificates.java_keystore import (
    aliases_of,
    certificates_of,
    first_certificate,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.arguments import refuse_nul
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.file_texts import bytes_of_file, text_of_file

OPTIONS = {
    "certificate": {"type": "path", "required": True},
    "store": {"type": "path", "default": "/etc/ssl/certs/java/cacerts"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    path, store = module.params["certificate"], module.params["store"]
    text = text_of_file(module, path)
    if text is None:
        module.exit_json(changed=False, exists=False, trusted=False, aliases=[], problem="")
        return
    try:
        certificate = first_certificate(text)
    except CoreError as error:
        module.fail_json(msg=f"{path} holds no certificate that a server could show: {error}; put one there")
    content = bytes_of_file(module, store)
    aliases, problem = [], "" if content is not None else "it is not there"
    try:
        aliases = aliases_of(certificate, certificates_of(content)) if content is not None else []
    except CoreError as error:
        problem = str(error)
    module.exit_json(changed=False, exists=True, trusted=bool(aliases), aliases=aliases, problem=problem)


if __name__ == "__main__":
    main()
