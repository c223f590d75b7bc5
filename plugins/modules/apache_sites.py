#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: apache_sites
short_description: Configure Apache as a reverse proxy, all sites in one step
version_added: 0.1.0
description:
  - Writes one file with vhosts for each site, and pins the certificates of backends.
  - Makes missing self-signed certificates, and enables the Apache modules that the sites need.
  - Port 80 serves ACME challenges and redirects all other requests to https, with path and query. Port 443 passes all
    requests to the backends and verifies their certificates.
  - Apache tests its whole configuration after a change. If the test fails, the module restores every file, link and
    certificate, and its message contains the output of Apache. This module never reloads Apache.
  - The module never changes vhosts of others. It refuses a site if such a vhost serves the name of the site.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
requirements:
  - Apache 2.4, as Debian and Ubuntu package it
  - openssl 1.1.1 or newer
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.debian
attributes:
  check_mode:
    description: Can run in check mode and return the changes that it would make.
    support: full
  diff_mode:
    description: Returns all files and links before and after, and the certificates that are made. It never returns a
      key.
    support: full
options:
  sites:
    description: The sites. Files of this module for other sites stay, unless O(purge) is true.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The fully qualified host name of the site.
        type: str
        required: true
      state:
        description:
          - With V(absent) the module removes the site and all files that the module made for it. It keeps files of
            others.
        type: str
        choices: [present, absent]
        default: present
      aliases:
        description: Further names of the site.
        type: list
        elements: str
      redirect_aliases:
        description: Whether aliases are redirected to O(sites[].name). With V(false) they are served like the name
          itself.
        type: bool
        default: true
      backend:
        description: The URL of the service, such as V(https://192.168.122.120/).
        type: str
      paths:
        description:
          - Paths that have their own backends. The longest matching path wins.
          - Required if O(sites[].backend) is not set. All other paths then return 404.
          - Paths with the same backend need the same settings, because Apache has one set for each backend.
        type: list
        elements: dict
        suboptions:
          path:
            description: The path. It ends in a slash if, and only if, its backend does.
            type: str
            required: true
          backend:
            description: The URL of the service for this path.
            type: str
            required: true
          websocket:
            description: Whether WebSocket connections pass. If it is not set, O(sites[].websocket) counts.
            type: bool
          timeout:
            description:
              - A connection ends after this many seconds without a byte from the backend.
              - If it is not set, O(sites[].timeout) counts.
            type: int
      preserve_host:
        description:
          - Whether backends get the C(Host) header of the browser. Their certificate must then contain that name.
          - With V(false) they get the name in their URL, and their certificate must contain that name.
        type: bool
        default: true
      backend_ca:
        description:
          - The certificates that verify an https backend, as PEM text. For a self-signed certificate, give the
            certificate itself.
          - Without it and O(sites[].backend_ca_file), the backend needs a certificate from an authority in the trust
            store of the system.
        type: str
      backend_ca_file:
        description:
          - Path on the target of a file with such certificates. The module never changes or removes it.
          - It cannot be the file that the module writes for O(sites[].backend_ca) of another site.
        type: path
      backend_unverified_and_open_to_impostors:
        description: Whether to accept any certificate from the address of the backend. Do not use it.
        type: bool
        default: false
      websocket:
        description: Whether WebSocket connections pass.
        type: bool
      timeout:
        description:
          - A connection ends after this many seconds without a byte from the backend.
          - If it is not set, the value is 60, or 900 with O(sites[].websocket).
        type: int
      request_headers:
        description:
          - Headers that the backend gets, with their values. A header without a value is removed.
          - The values are secrets. They appear in no output, and only root can read the file of the vhosts.
        type: dict
      response_headers:
        description: Headers that the browser gets, with their values. A header without a value is removed.
        type: dict
      hsts:
        description: Browsers use only https for this many seconds. With V(0) the backend decides.
        type: int
        default: 0
      extra_directives:
        description:
          - Lines for the vhost of the site on port 443, without any change. Use them only as a last resort.
          - They are secrets. They appear in no output, and only root can read the file of the vhosts.
        type: str
      certificate:
        description:
          - V(selfsigned) makes a certificate at once, so that Apache always starts.
          - V(acme) does the same, until M(selfhosted.jitsi.acme_certificates) has fetched another certificate.
          - V(provided) uses the files in O(sites[].certificate_file) and O(sites[].certificate_key_file).
        type: str
        choices: [acme, selfsigned, provided]
        default: selfsigned
      certificate_file:
        description: Path on the target of the certificate with its chain.
        type: path
      certificate_key_file:
        description: Path on the target of the key of the certificate.
        type: path
  purge:
    description: Whether to remove sites of this module that O(sites) does not list.
    type: bool
    default: false
  http2:
    description: Whether browsers can use HTTP/2. It has no effect with C(mpm_prefork), because C(mpm_prefork) does not
      support HTTP/2.
    type: bool
    default: true
  configuration:
    description: The configuration folder of Apache.
    type: path
    default: /etc/apache2
  certificate_directory:
    description: The folder for the certificates that the module makes, and for their keys.
    type: path
    default: /etc/ssl/selfhosted
  backend_directory:
    description:
      - The folder for the pinned certificates of backends. The first line of each file that the module writes there
        says so. Only such files are removed with their sites.
    type: path
    default: /etc/apache2/backends
  acme_webroot:
    description:
      - Apache serves C(.well-known/acme-challenge/) below this folder, on port 80 of each site.
      - If it is empty, the module does not configure that path.
    type: str
    default: /var/www/acme
  log_addresses:
    description:
      - The part of client addresses that the logs of the sites contain.
      - V(truncated) removes the last part of an IPv4 address. Of an IPv6 address it keeps the first three groups.
      - V(none) logs no address.
      - C(/etc/logrotate.d/apache2) decides how long logs are kept.
      - Values of C(jwt) and C(token) in links are never logged.
    type: str
    choices: [full, truncated, none]
    default: full
  refuse_strangers:
    description:
      - Whether Apache refuses clients that ask port 443 for a name that belongs to no site. They get status 421 and a
        certificate without a name of a site.
      - With V(false) Apache serves such clients the first site in its configuration.
      - If a vhost of somebody else comes before all sites of this module, that vhost keeps answering such clients.
    type: bool
    default: true
  machine:
    description: The name of the target in messages. If it is not set, the host name is used.
    type: str
  always_test:
    description:
      - Whether Apache also tests its whole configuration if this module changes nothing. If the test fails, the module
        fails, because Apache would not start again.
      - In check mode Apache tests the configuration as it is.
    type: bool
    default: false
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
  description: The names of the sites that got a new self-signed certificate, or would get one in check mode.
  returned: success
  type: list
  elements: str
  sample: [jitsi.example.org]
removed:
  description: The names of the removed sites.
  returned: success
  type: list
  elements: str
  sample: [old.example.org]
serving:
  description: The names of the sites of this module that are configured from now on, or would be in check mode.
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

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.apache_sites import main

if __name__ == "__main__":
    main()
