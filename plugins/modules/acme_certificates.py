#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acme_certificates
short_description: Fetch certificates for the sites of Apache with certbot
version_added: 0.1.0
description:
  - Fetches one certificate for each site of M(selfhosted.jitsi.apache_sites) that has
    O(selfhosted.jitsi.apache_sites#module:sites[].certificate=acme). The certificate covers the name of the site and
    its aliases.
  - Fetches it if there is no certificate yet, or if the certificate ends within a day. Fetches it again if the names,
    the authority, the key type, O(webroot) or O(reload_command) changed.
  - Afterwards the certificate and the key of the site are links to the files that certbot keeps and renews.
  - Apache must serve the sites already, with its own certificates, so that the authority can fetch the challenges.
  - A site keeps its old certificate if its challenge fails. The other sites continue. At the end the module fails,
    with the name of the site and the message of the authority.
  - The module deletes the certificate of a site that is gone or that uses another certificate now. It does so only if
    it made the certificate itself, and if no site uses its files as C(certificate_file) or C(certificate_key_file).
  - The module never changes certificates that certbot keeps for somebody else. If such a certificate has the name of a
    site, the site fails, and the message says how to fix it.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
requirements:
  - certbot 1.12 or newer
  - openssl 1.1.1 or newer
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.debian
attributes:
  check_mode:
    description: Can run in check mode and return the certificates that it would fetch. It does not contact the
      authority then.
    support: full
  diff_mode:
    description: Returns the certificates that are fetched, linked and deleted. It never returns a key.
    support: full
options:
  sites:
    description:
      - The sites, with the options of O(selfhosted.jitsi.apache_sites#module:sites).
      - The module reads C(name), C(aliases), C(certificate), C(certificate_file), C(certificate_key_file) and
        C(state).
    type: list
    elements: dict
    required: true
  directory_url:
    description: The URL of the authority's ACME directory.
    type: str
    default: https://acme-v02.api.letsencrypt.org/directory
  email:
    description: The e-mail address for messages of the authority about the account. It is read when the account is
      made. If it is empty, the account has no address.
    type: str
    default: ''
  key_type:
    description: The type of the keys.
    type: str
    choices: [ecdsa, rsa]
    default: ecdsa
  ca_bundle:
    description:
      - Path on the target of a file with the certificates that verify the ACME directory. If it is empty, the trust
        store of the system is used.
      - The unit that renews certificates needs these certificates too, as C(REQUESTS_CA_BUNDLE) in its environment. It
        also needs those of the system, because it renews the certificates of others with them.
    type: str
    default: ''
  webroot:
    description: Apache serves C(.well-known/acme-challenge/) below this folder.
    type: path
    default: /var/www/acme
  certificate_directory:
    description: The folder with the certificates that the sites use.
    type: path
    default: /etc/ssl/selfhosted
  reload_command:
    description:
      - The command that certbot runs after each renewal, so that Apache loads the new certificate.
      - The module appends a comment to the command. It recognises its own certificates by this comment.
    type: str
    default: systemctl reload apache2
  named_files:
    description:
      - Certificates and keys that are used by sites outside O(sites). The module does not delete certificates of
        certbot that these paths lead to.
    type: list
    elements: path
    default: []
  purge:
    description:
      - Whether to delete certificates of this module for sites that O(sites) does not list.
      - The module never deletes a certificate that another vhost of Apache uses.
    type: bool
    default: false
  configuration:
    description: The folder of Apache's configuration. Apache says which certificates its vhosts use.
    type: path
    default: /etc/apache2
notes:
  - Reload Apache when something changed, even if the module failed.
  - By using this module you agree to the terms of service of the authority.
seealso:
  - module: selfhosted.jitsi.apache_sites
"""

EXAMPLES = r"""
- name: Create certificates that browsers trust for two sites
  selfhosted.jitsi.acme_certificates:
    email: admin@example.org
    sites:
      - name: jitsi.example.org
        certificate: acme
      - name: tools.example.org
        aliases: [jenkins.example.org]
        certificate: acme
  notify: Reload Apache
"""

RETURN = r"""
fetched:
  description: The names of the sites that got a new certificate, or would get one in check mode.
  returned: always
  type: list
  elements: str
  sample: [jitsi.example.org]
linked:
  description: The names of the sites that use a certificate of certbot from now on.
  returned: always
  type: list
  elements: str
  sample: [jitsi.example.org]
removed:
  description: The names of the sites with a deleted certificate.
  returned: always
  type: list
  elements: str
  sample: [old.example.org]
kept:
  description:
    - The names of the sites that have a certificate of this module in certbot from now on, or would have one in check
      mode.
  returned: always
  type: list
  elements: str
  sample: [jitsi.example.org]
failures:
  description: One sentence for each site that could not get a certificate.
  returned: always
  type: list
  elements: str
  sample: []
diff:
  description: The changes, one line for each certificate.
  returned: in diff mode
  type: dict
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.acme_certificates import main

if __name__ == "__main__":
    main()
