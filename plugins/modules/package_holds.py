#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: package_holds
short_description: Hold packages at their versions, and release only these holds
version_added: 0.1.0
description:
  - Sets packages on hold in dpkg, so that neither C(apt full-upgrade) nor unattended upgrades change them.
  - Records its holds in O(path), and later releases only these. So the holds of an administrator stay.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
attributes:
  check_mode:
    description: Can run in check mode and report the changes.
    support: full
  diff_mode:
    description: Returns the packages that are held and the packages that are released.
    support: full
options:
  packages:
    description: The packages. Packages that are not installed are ignored.
    type: list
    elements: str
    required: true
  path:
    description: The file with the record of the holds of this module.
    type: path
    required: true
  state:
    description:
      - With V(held) the module holds the packages. It releases all other packages that are recorded in O(path).
      - With V(released) it releases all packages that are recorded in O(path).
    type: str
    choices: [held, released]
    default: held
notes:
  - Requires root and dpkg.
seealso:
  - module: ansible.builtin.dpkg_selections
"""

EXAMPLES = r"""
- name: Configure holds for the packages of Jitsi
  selfhosted.jitsi.package_holds:
    packages: [jitsi-meet, jitsi-meet-web, jitsi-meet-web-config, jitsi-meet-prosody, jitsi-videobridge2, jicofo]
    path: /etc/selfhosted-jitsi/held

- name: Remove these holds
  selfhosted.jitsi.package_holds:
    packages: [jitsi-meet, jitsi-meet-web, jitsi-meet-web-config, jitsi-meet-prosody, jitsi-videobridge2, jicofo]
    path: /etc/selfhosted-jitsi/held
    state: released
"""

RETURN = r"""
ours:
  description: The packages that are held and recorded in O(path).
  returned: success
  type: list
  elements: str
  sample: [jicofo, jitsi-meet]
others:
  description: All packages of this machine that somebody else holds.
  returned: success
  type: list
  elements: str
  sample: []
diff:
  description: The packages that change, before and after.
  returned: in diff mode
  type: dict
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.package_holds import main

if __name__ == "__main__":
    main()
