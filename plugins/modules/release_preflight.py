#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_preflight
short_description: Refuse a machine whose release the roles are not tested on
version_added: 0.1.0
description:
  - Fails on a machine with a release on which the roles of this collection are not tested.
  - Reads C(/etc/os-release) with one command. The machine needs no Python, and the task no C(become).
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  variable:
    description: The name of the variable that allows other releases. The error message names it.
    type: str
    required: true
  allowed:
    description: Whether other releases are allowed, too. The task then does not read the machine.
    type: bool
    default: false
seealso:
  - plugin: selfhosted.jitsi.untested_release
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Assert that the roles are tested on the release of the machine
  selfhosted.jitsi.release_preflight:
    variable: my_allow_untested_release
    allowed: "{{ my_allow_untested_release | default(false) | bool }}"
"""
