#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: java_trust_info
short_description: Check whether Java itself trusts a certificate
version_added: 0.1.0
description:
  - Checks whether the trust store of Java contains exactly the certificate in a file.
  - If somebody makes a new certificate under the same name, the trust store can still contain the old one. Java
    programs then refuse the server with C(PKIX path building failed).
  - Only the first certificate in the file counts, because a server sends it as its own certificate.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  certificate:
    description: A file with the certificate in PEM format.
    type: path
    required: true
  store:
    description: The trust store, in JKS format.
    type: path
    default: /etc/ssl/certs/java/cacerts
notes:
  - A Java program reads the trust store when it starts.
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
  description: Whether the file with the certificate exists.
  returned: success
  type: bool
  sample: true
trusted:
  description: Whether the trust store contains the certificate.
  returned: success
  type: bool
  sample: false
aliases:
  description: The aliases of the certificate in the trust store.
  returned: success
  type: list
  elements: str
  sample: ["debian:auth.meet.example.org.pem"]
problem:
  description: The reason why the trust store could not be read. Empty if it could be read.
  returned: success
  type: str
  sample: ""
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.java_trust_info import main

if __name__ == "__main__":
    main()
