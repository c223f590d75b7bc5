#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: prosody_service_accounts
short_description: Give jicofo and the videobridge the prosody accounts of their files
version_added: 0.1.0
description:
  - Jicofo and the videobridge log in to prosody with the names and passwords in their own files. After an interrupted
    installation, prosody can have other passwords. Then no conference starts.
  - The module reads these files and compares their passwords with what prosody keeps. It corrects the accounts in
    prosody with C(prosodyctl). It changes no file of the services.
  - No password leaves the machine. It appears in no process list, no output and no diff.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
attributes:
  check_mode:
    description: Can run in check mode and report the changes.
    support: full
  diff_mode:
    description: Returns the accounts that are created or get another password. It never returns a password.
    support: full
options:
  domain:
    description: The virtual host of these accounts. For the Debian packages this is C(auth.) and the name of the site.
    type: str
    required: true
  jicofo_folder:
    description: The folder with C(jicofo.conf), or C(config) in packages of 2020.
    type: path
    default: /etc/jitsi/jicofo
  bridge_folder:
    description: The folder with C(jvb.conf) and C(sip-communicator.properties).
    type: path
    default: /etc/jitsi/videobridge
  prosody_folder:
    description:
      - The folder with C(prosody.cfg.lua) and C(conf.d).
      - Where its C(storage) keeps accounts elsewhere, for example in a database, the module creates no account.
    type: path
    default: /etc/prosody
  data_path:
    description: The data folder of prosody. The module can only compare passwords in its file storage, C(internal).
    type: path
    default: /var/lib/prosody
notes:
  - Requires root. The host must be in the configuration of prosody, with C(internal_hashed) or C(internal_plain)
    authentication.
  - A service that logged in before stays logged in. Restart the services in RV(services).
seealso:
  - module: selfhosted.jitsi.prosody_accounts
"""

EXAMPLES = r"""
- name: Give jicofo and the videobridge their accounts
  selfhosted.jitsi.prosody_service_accounts:
    domain: auth.meet.example.com
  notify:
    - Restart jicofo
    - Restart the videobridge
"""

RETURN = r"""
services:
  description: The services whose accounts change.
  returned: success
  type: list
  elements: str
  sample: [jicofo]
findings:
  description: A sentence for each account that was wrong.
  returned: success
  type: list
  elements: str
  sample: [the account focus@auth.meet.example.com has another password than the files of jicofo]
diff:
  description: The accounts that change, before and after.
  returned: in diff mode
  type: dict
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.prosody_service_accounts import main

if __name__ == "__main__":
    main()
