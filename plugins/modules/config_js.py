#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set options in a config.js of Jitsi Meet."""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_js
short_description: Set options in a config.js of Jitsi Meet
version_added: 0.1.0
author:
  - The selfhosted.jitsi founders (@selfhosted)
description:
  - Sets options of the web client in a JavaScript file that defines C(config), such as
    C(/etc/jitsi/meet/meet.example.com-config.js).
  - The module writes all options to one block of assignments at the end of the file. The block lies between the lines
    C(// BEGIN selfhosted.jitsi.config_js) and C(// END selfhosted.jitsi.config_js).
  - In JavaScript a later assignment wins. So the rest of the file stays as the package made it, and no byte of it
    changes.
  - Options of earlier runs stay in the block until you remove them with O(settings[].state=absent). Without any option
    the block is removed too, and the file is the same as before.
  - The block stays last. If somebody adds text behind it, the next run moves the block to the end.
  - The module parses the new text before it writes it, and checks that the options have the values that you asked for.
  - The file must use the global variable C(config), under any of its names. A local variable of a function does not
    count.
  - The module refuses an option if a getter makes it, if its object is frozen, or if two options share its object.
    RV(notes) reports an object that has another name in the file.
  - Values are written in ASCII, without V(<). So they are safe in the scripts of a page and in server-side includes.
  - Values of keys that look like a secret (for example V(analytics.apiKey)) are masked in diffs, results and logs. So
    are strings that contain a secret, such as a URL with a password.
  - This also covers the values that are already in the file. But a web server gives C(config.js) to everybody.
extends_documentation_fragment:
  - ansible.builtin.files
  - selfhosted.jitsi._attributes
  - selfhosted.jitsi._file_edit
options:
  settings:
    description:
      - The options and their values. You can name each key once.
      - The module refuses an option if its key begins with the key of another option, such as V(p2p.enabled) and
        V(p2p). This also holds if an earlier run has set the other option.
    type: list
    elements: dict
    required: true
    suboptions:
      key:
        description:
          - The path of the option below C(config), with dots between the names.
          - Put a name in quotes if it contains dots, blanks, quotes or brackets, such as V(a."b.c".d).
          - The module refuses names that every JavaScript object has, such as V(constructor) and V(__proto__).
        type: str
        required: true
      value:
        description:
          - The value, of any JSON type. V(true) and V("true") are different values, and so are V(10000) and
            V("10000").
          - Lists and mappings replace the old value as a whole.
          - The module refuses infinite numbers, and integers that JavaScript cannot represent exactly.
          - Required if O(settings[].state=present), and V(null) is a value too. It is ignored otherwise.
        type: raw
      state:
        description:
          - V(present) sets the option. Missing parent objects are created. A parent that cannot hold options, such as
            a number or a string, is replaced by an object.
          - V(absent) removes the option from the block. If the rest of the file still seems to set it, RV(notes) names
            the line.
        type: str
        choices: [present, absent]
        default: present
      secret:
        description:
          - Whether the value is a secret although its key does not look like one. It is then masked everywhere. Diffs
            also mask all values in the file with the same last name in their key.
          - Values of keys that look like a secret are always masked.
        type: bool
        default: false
notes:
  - The module refuses a file that ends inside a string, a comment, a template, a regular expression, an open bracket
    or a statement.
  - It also refuses a block that was edited by hand, and a file larger than 512 KiB.
  - The module refuses a file that has code but does not define C(config). In a file without code, such as a new file,
    the block begins with C(var config = config || {};).
  - The module reads the file but does not run it. Options in an object that the file freezes have no effect. Code of
    the file that ran before the block has used the earlier values.
  - If C(node) is installed, you can check the file with O(validate), as in the second example.
"""

EXAMPLES = r"""
- name: Configure clients to use no third-party STUN server
  selfhosted.jitsi.config_js:
    path: /etc/jitsi/meet/meet.example.com-config.js
    settings:
      - key: disableThirdPartyRequests
        value: true
      - key: p2p.stunServers
        value:
          - urls: stun:meet.example.com:3478
      - key: gravatar.disabled
        value: true

- name: Remove the resolution from the block to use the value of the file
  selfhosted.jitsi.config_js:
    path: /etc/jitsi/meet/meet.example.com-config.js
    backup: true
    validate: node --check %s
    settings:
      - key: resolution
        state: absent
"""

RETURN = r"""
backup_file:
  description: Path of the backup copy.
  returned: if O(backup=true) and the file was changed
  type: str
  sample: /etc/jitsi/meet/meet.example.com-config.js.4711.2026-01-31@12:00:00~
diff:
  description:
    - The content before and after, and then the file attributes if they change.
    - The values of secret keys are masked.
  returned: in diff mode
  type: list
  elements: dict
  sample:
    - before_header: /etc/example-config.js (content)
      after_header: /etc/example-config.js (content)
      before: "var config = {};\n"
      after: "var config = {};\n// BEGIN selfhosted.jitsi.config_js\nconfig.a = 1;\n// END selfhosted.jitsi.config_js\n"
notes:
  description: One line for each remark about the file.
  returned: success
  type: list
  elements: str
  sample: ["line 147: the file itself still seems to set p2p.stunServers"]
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.config_js import main

if __name__ == "__main__":
    main()
