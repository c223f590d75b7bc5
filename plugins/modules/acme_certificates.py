#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acme_certificates
short_description: Have certbot fetch the certificates of an Apache's sites, one by one
version_added: 0.1.0
description:
  - Fetches one certificate for each site of M(selfhosted.jitsi.apache_sites) that has C(certificate=acme), for its name
    and its aliases, where there is none, where its names, authority or kind of key are others, or where it ends within
    a day. Then the site's certificate and key become links to those that certbot keeps and renews.
  - Apache has to serve the sites already, with certificates of its own, so that the authority can fetch the challenges.
  - A site whose challenge fails keeps the certificate that it had. The other sites go on, and the module fails at the
    end, with the name and the authority's words.
  - The certificate of a site that goes, or that has another one now, is forgotten if this module made it and no site
    names its files as C(certificate_file) or C(certificate_key_file).
  - Certificates that somebody else has certbot keep are not touched. A site whose name one of them has is named as one
    that failed, with what to do about it.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
requirements:
  - certbot 1.12 or newer
  - openssl 1.1.1 or newer
attributes:
  check_mode:
    description: Can run in check mode and return what would be fetched. Nobody is asked then.
    support: full
  diff_mode:
    description: Returns which certificates come, are shown and go; never a key.
    support: full
  platform:
    description: The systems on which the module runs.
    support: full
    platforms: debian
options:
  sites:
    description:
      - The sites, as O(selfhosted.jitsi.apache_sites#module:sites) takes them.
      - Read are C(name), C(aliases), C(certificate), C(certificate_file), C(certificate_key_file) and C(state).
    type: list
    elements: dict
    required: true
  directory_url:
    description: The URL of the authority's ACME directory.
    type: str
    default: https://acme-v02.api.letsencrypt.org/directory
  email:
    description: Where the authority writes to about the account. Read when the account is made; none if empty.
    type: str
    default: ''
  key_type:
    description: The kind of the keys.
    type: str
    choices: [ecdsa, rsa]
    default: ecdsa
  ca_bundle:
    description:
      - Path on the machine of the certificates by which the directory is verified. Those of the system if empty.
      - The unit that renews certificates needs them too, beside those of the system by which it renews those of others,
        as C(REQUESTS_CA_BUNDLE) in its environment.
    type: str
    default: ''
  webroot:
    description: The folder below which Apache serves C(.well-known/acme-challenge/).
    type: path
    default: /var/www/acme
  certificate_directory:
    description: Where the sites look for their certificates.
    type: path
    default: /etc/ssl/selfhosted
  reload_command:
    description:
      - What certbot runs after each renewal, so that Apache shows the new certificate.
      - A mark is put behind it, as a comment, by which a certificate is known for one that this module made.
    type: str
    default: systemctl reload apache2
  named_files:
    description:
      - Certificates and keys that sites beyond O(sites) use. What certbot keeps under these paths stays.
    type: list
    elements: path
    default: []
  purge:
    description: Whether certificates of ours for sites that O(sites) does not list are forgotten.
    type: bool
    default: false
notes:
  - Reload Apache when something changed, also when the module failed.
  - By using it you agree to the authority's terms of service.
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
  description: The names of the sites for which a certificate was fetched, or would be in check mode.
  returned: always
  type: list
  elements: str
  sample: [jitsi.example.org]
linked:
  description: The names of the sites that show such a certificate from now on.
  returned: always
  type: list
  elements: str
  sample: [jitsi.example.org]
removed:
  description: The names of the sites whose certificate was forgotten.
  returned: always
  type: list
  elements: str
  sample: [old.example.org]
kept:
  description:
    - The names of the sites whose certificates certbot keeps from now on for this module, or would in check mode.
  returned: always
  type: list
  elements: str
  sample: [jitsi.example.org]
failures:
  description: One sentence for each site whose certificate could not be had.
  returned: always
  type: list
  elements: str
  sample: []
diff:
  description: What changes, one line for each certificate.
  returned: in diff mode
  type: dict
"""

import contextlib
from typing import Any

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.request import SiteError, parse_sites
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.certificates import acme
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.printable import printable
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.apache.module import SitesModule
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.certificates.certbot import Certificates, Result
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import CommandError, run
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.lock import lock

LOCK = "/run/acme-certificates"
OPTIONS = {
    "sites": {"type": "list", "elements": "dict", "required": True},
    "directory_url": {"type": "str", "default": "https://acme-v02.api.letsencrypt.org/directory"},
    "email": {"type": "str", "default": ""},
    "key_type": {"type": "str", "choices": ["ecdsa", "rsa"], "default": "ecdsa", "no_log": False},
    "ca_bundle": {"type": "str", "default": ""},
    "webroot": {"type": "path", "default": "/var/www/acme"},
    "certificate_directory": {"type": "path", "default": "/etc/ssl/selfhosted"},
    "reload_command": {"type": "str", "default": "systemctl reload apache2"},
    "named_files": {"type": "list", "elements": "path", "default": []},
    "purge": {"type": "bool", "default": False},
}


def describe(result: Result) -> dict[str, str]:
    """Return the diff: a line for each certificate."""
    lines = [f"fetched from the authority: {name}\n" for name in result.fetched]
    lines += [f"shown to browsers: {name}\n" for name in result.linked]
    gone = [f"kept by certbot: {name}\n" for name in result.removed]
    return {"before_header": "certificates", "before": "".join(gone), "after": "".join(lines)}


def run_module(module: SitesModule) -> dict[str, Any]:
    """Do what was asked for, and return what the user gets to see of it."""
    options = module.params
    account = acme.parse_account(options)
    fetched, others = acme.wanted(module.sites)
    named = [*acme.named_files(module.sites), *options["named_files"]]
    certificates = Certificates(account, options["certificate_directory"], run, module.check_mode, named)
    with contextlib.nullcontext() if module.check_mode else lock(LOCK):
        result = certificates.bring_about(fetched, others, options["purge"])
    shown = {name: getattr(result, name) for name in ("fetched", "linked", "removed", "kept", "failures")}
    if module._diff:
        shown["diff"] = describe(result)
    return {"changed": result.changed, **shown}


def main() -> None:
    module = SitesModule(OPTIONS)
    try:
        parse_names(module.sites)
        result = run_module(module)
    except (acme.AcmeError, SiteError, CommandError) as error:
        module.fail_json(msg=printable(str(error)))
    if result["failures"]:
        module.fail_json(msg="; ".join(result["failures"]), **result)
    module.exit_json(**result)


def parse_names(sites: list[dict[str, Any]]) -> None:
    """Refuse sites whose names cannot be; their backends are none of our business."""
    parse_sites([{"name": site.get("name"), "aliases": site.get("aliases"), "state": "absent"} for site in sites])


if __name__ == "__main__":
    main()
