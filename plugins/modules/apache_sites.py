#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: apache_sites
short_description: Put an Apache in front of other services, all sites in one step
version_added: 0.1.0
description:
  - Writes one file of vhosts for each site, pins the certificates of backends, makes self-signed certificates where
    they are missing, and enables the modules of Apache that the sites need.
  - Port 80 serves ACME challenges and redirects the rest to https, path and query kept. Port 443 passes everything to
    the backends, whose certificates are verified.
  - Apache tests its whole configuration after a change. If it does not accept it, every file, link and certificate is
    put back, and Apache's words are in the message. Apache is never reloaded by this module.
  - Vhosts of others are not touched, and a site whose name one of them serves is refused.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
requirements:
  - Apache 2.4, as Debian and Ubuntu package it
  - openssl 1.1.1 or newer
attributes:
  check_mode:
    description: Can run in check mode and return what would be changed, without changing it.
    support: full
  diff_mode:
    description: Returns all files and links before and after, and which certificates are made; never a key.
    support: full
  platform:
    description: The systems on which the module runs.
    support: full
    platforms: debian
options:
  sites:
    description: The sites. Files of ours for other sites stay, unless O(purge) says otherwise.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The site's fully qualified host name.
        type: str
        required: true
      state:
        description:
          - With V(absent) the site goes with all files that the role made for it. A file of somebody else stays.
        type: str
        choices: [present, absent]
        default: present
      aliases:
        description: Further names of the site.
        type: list
        elements: str
      redirect_aliases:
        description: Whether aliases are redirected to O(sites[].name); otherwise they are served as it is.
        type: bool
        default: true
      backend:
        description: Where the service listens, such as V(https://192.168.122.120/).
        type: str
      paths:
        description:
          - Paths that have backends of their own. The longest one that fits counts.
          - Needed where O(sites[].backend) is not said. The other paths are then not found.
        type: list
        elements: dict
        suboptions:
          path:
            description: The path. It ends in a slash if, and only if, its backend does.
            type: str
            required: true
          backend:
            description: Where the service for this path listens.
            type: str
            required: true
          websocket:
            description: Whether WebSocket connections pass. As O(sites[].websocket) if not said.
            type: bool
          timeout:
            description:
              - Seconds without a byte from the backend after which a connection ends.
              - As O(sites[].timeout) if not said.
            type: int
      preserve_host:
        description:
          - Whether backends get the Host that the browser asked for, and must prove that they have its name.
          - With V(false) they get, and must prove, the name in their URL.
        type: bool
        default: true
      backend_ca:
        description:
          - The certificates that an https backend may show, as PEM text. A self-signed one is its own authority.
          - Without it and O(sites[].backend_ca_file) the backend must show a certificate of an authority that the
            system trusts.
        type: str
      backend_ca_file:
        description: Path on the proxy of a file with such certificates.
        type: path
      backend_unverified_and_open_to_impostors:
        description: Whether to believe whoever answers at the backend's address. Do not.
        type: bool
        default: false
      websocket:
        description: Whether WebSocket connections pass.
        type: bool
      timeout:
        description:
          - Seconds without a byte from the backend after which a connection ends.
          - 60 if not said, and 900 with O(sites[].websocket).
        type: int
      request_headers:
        description:
          - Headers that the backend gets, with their values; one without a value is taken away.
          - The values are secrets. They are shown nowhere, and the file of the vhosts is for root alone.
        type: dict
      response_headers:
        description: Headers that the browser gets, with their values; one without a value is taken away.
        type: dict
      hsts:
        description: For how many seconds browsers shall use https alone. With V(0) the backend decides.
        type: int
        default: 0
      extra_directives:
        description:
          - Lines for the site's vhost on port 443, as they are. The last resort.
          - They are secrets. They are shown nowhere, and the file of the vhosts is for root alone.
        type: str
      certificate:
        description:
          - V(selfsigned) makes a certificate at once, so that Apache always starts.
          - V(acme) does so too, until M(selfhosted.jitsi.acme_certificates) has fetched another one.
          - V(provided) takes the files that O(sites[].certificate_file) and
            O(sites[].certificate_key_file) name.
        type: str
        choices: [acme, selfsigned, provided]
        default: selfsigned
      certificate_file:
        description: Path on the proxy of the certificate with its chain.
        type: path
      certificate_key_file:
        description: Path on the proxy of the certificate's key.
        type: path
  purge:
    description: Whether sites that this module made and that O(sites) does not list go.
    type: bool
    default: false
  http2:
    description: Whether browsers may speak HTTP/2. Not where Apache runs with C(mpm_prefork), which cannot.
    type: bool
    default: true
  configuration:
    description: The folder of Apache's configuration.
    type: path
    default: /etc/apache2
  certificate_directory:
    description: Where the certificates that the module makes are kept, with their keys.
    type: path
    default: /etc/ssl/selfhosted
  backend_directory:
    description: Where the certificates of backends are pinned.
    type: path
    default: /etc/apache2/backends
  acme_webroot:
    description:
      - The folder below which C(.well-known/acme-challenge/) is served on port 80 for each site.
      - If empty, the path is left to what answers it already.
    type: str
    default: /var/www/acme
  log_addresses:
    description:
      - How much of clients' addresses the logs of the sites hold. V(truncated) leaves out the last part of an IPv4
        address, and all but the first three groups of an IPv6 one.
      - How long logs are kept is left to C(/etc/logrotate.d/apache2).
      - Values of C(jwt) and C(token) in links are never logged.
    type: str
    choices: [full, truncated, none]
    default: full
  refuse_strangers:
    description:
      - Whether a client that asks port 443 for a name which no site has gets status 421, and a certificate that names
        nobody. With V(false) Apache gives such a client the site that it reads first.
      - Where a vhost of somebody else comes before all sites of this module, that vhost keeps answering such clients.
    type: bool
    default: true
  machine:
    description: What messages call the machine. Its host name if not said.
    type: str
notes:
  - Reload Apache when something changed.
seealso:
  - module: selfhosted.jitsi.stale_service_info
"""

EXAMPLES = r"""
- name: Configure Jitsi Meet and another site, and remove a third one
  selfhosted.jitsi.apache_sites:
    sites:
      - name: jitsi.example.org
        backend: https://192.168.122.120/
        backend_ca: "{{ lookup('ansible.builtin.file', 'jitsi.example.org.crt') }}"
        websocket: true
      - name: tools.example.org
        aliases: [jenkins.example.org]
        paths:
          - {path: /jenkins/, backend: 'http://192.168.122.110:8080/jenkins/'}
          - {path: /wiki/, backend: 'http://192.168.122.111/', timeout: 120}
        hsts: 63072000
      - name: old.example.org
        state: absent
  notify: Reload Apache
"""

RETURN = r"""
made:
  description: The names of the sites for which a certificate was made, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [jitsi.example.org]
removed:
  description: The names of the sites that went.
  returned: success
  type: list
  elements: str
  sample: [old.example.org]
serving:
  description: The names of the sites of this module that Apache has from now on, or would have in check mode.
  returned: success
  type: list
  elements: str
  sample: [jitsi.example.org]
diff:
  description: Every file and link that changes, before and after.
  returned: in diff mode
  type: list
  elements: dict
"""

import contextlib
import socket
from typing import Any

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.files import described
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.logs import ADDRESSES, FULL
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.request import (
    SiteError,
    parse_sites,
    refuse_folders,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.vhost import Settings
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.certificates.acme import tidy
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.printable import printable
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.apache.module import SitesModule
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.apache.sites import Work, carry_out, look
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.apache.tree import has_prefork, read_version
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import CommandError, run
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.lock import lock

# Two runs at a time would each take the other's files for somebody's.
LOCK = "/run/apache-sites"
PATH_OPTIONS = {
    "path": {"type": "str", "required": True},
    "backend": {"type": "str", "required": True},
    "websocket": {"type": "bool"},
    "timeout": {"type": "int"},
}
SITE_OPTIONS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "aliases": {"type": "list", "elements": "str"},
    "redirect_aliases": {"type": "bool", "default": True},
    "backend": {"type": "str"},
    "paths": {"type": "list", "elements": "dict", "options": PATH_OPTIONS},
    "preserve_host": {"type": "bool", "default": True},
    "backend_ca": {"type": "str"},
    "backend_ca_file": {"type": "path"},
    "backend_unverified_and_open_to_impostors": {"type": "bool", "default": False},
    "websocket": {"type": "bool"},
    "timeout": {"type": "int"},
    "request_headers": {"type": "dict", "no_log": True},
    "response_headers": {"type": "dict"},
    "hsts": {"type": "int", "default": 0},
    "extra_directives": {"type": "str", "no_log": True},
    "certificate": {"type": "str", "choices": ["acme", "selfsigned", "provided"], "default": "selfsigned"},
    "certificate_file": {"type": "path"},
    "certificate_key_file": {"type": "path", "no_log": False},
}
OPTIONS = {
    "sites": {"type": "list", "elements": "dict", "required": True, "options": SITE_OPTIONS},
    "purge": {"type": "bool", "default": False},
    "http2": {"type": "bool", "default": True},
    "configuration": {"type": "path", "default": "/etc/apache2"},
    "certificate_directory": {"type": "path", "default": "/etc/ssl/selfhosted"},
    "backend_directory": {"type": "path", "default": "/etc/apache2/backends"},
    "acme_webroot": {"type": "str", "default": "/var/www/acme"},
    "log_addresses": {"type": "str", "choices": list(ADDRESSES), "default": FULL},
    "refuse_strangers": {"type": "bool", "default": True},
    "machine": {"type": "str"},
}
FOLDERS = ("configuration", "certificate_directory", "backend_directory", "acme_webroot")


def settings_of(options: dict[str, Any]) -> Settings:
    """Return what all sites share."""
    return Settings(
        certificate_directory=options["certificate_directory"],
        backend_directory=options["backend_directory"],
        acme_webroot=tidy(options["acme_webroot"]),
        log_addresses=options["log_addresses"],
        version=read_version(run),
        http2=options["http2"] and not has_prefork(options["configuration"]),
    )


def differences(work: Work) -> list[dict[str, str]]:
    """Return the diff: files and links that change, and which certificates are made."""
    found = []
    for path, after in work.files.after.items():
        before = work.files.before[path]
        if before != after:
            found.append(difference(path, *described(before, after)))
    for site in work.made:
        found.append(difference(f"certificate of {site.name}", "", f"made for {' '.join(site.names)}\n"))
    return found


def difference(header: str, before: str, after: str) -> dict[str, str]:
    """Return one entry of a diff; somebody's file may have bytes that are not UTF-8."""
    return {"before_header": header, "before": printable(before), "after_header": header, "after": printable(after)}


def run_module(module: SitesModule) -> dict[str, Any]:
    """Do what was asked for, and return what the user gets to see of it."""
    options = module.params
    sites = parse_sites(module.sites)
    refuse_folders({name: options[name] for name in FOLDERS}, empty=("acme_webroot",))
    settings = settings_of(options)
    machine = options["machine"] or socket.gethostname()
    with contextlib.nullcontext() if module.check_mode else lock(LOCK):
        work = look(
            sites,
            settings,
            options["configuration"],
            options["purge"],
            machine,
            run,
            refuse_strangers=options["refuse_strangers"],
        )
        if not module.check_mode:
            carry_out(work, settings, run)
    for warning in work.warnings:
        module.warn(warning)
    result = {
        "changed": work.changed,
        "made": [site.name for site in work.made if site in sites],
        "removed": list(work.removed),
        "serving": list(work.serving),
    }
    if module._diff:
        result["diff"] = differences(work)
    return result


def main() -> None:
    module = SitesModule(OPTIONS)
    try:
        result = run_module(module)
    except (SiteError, CommandError) as error:
        module.fail_json(msg=printable(str(error)))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
