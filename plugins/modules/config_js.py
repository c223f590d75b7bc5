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
  - Sets options of the web client in a JavaScript file that defines C(config),
    such as C(/etc/jitsi/meet/meet.example.com-config.js).
  - All options stand in one block of assignments at the end of the file, between the lines
    C(// BEGIN selfhosted.jitsi.config_js) and C(// END selfhosted.jitsi.config_js).
    In JavaScript a later assignment wins, so the rest of the file can stay as the package made it.
    No byte of it changes.
  - Options of earlier runs stay in the block until they are removed with O(settings[].state=absent).
    When none is left, the block goes too, and the file is as it was before.
  - The block stays last. If something was added behind it, it is moved to the end.
  - The new text is parsed again before it is written, and must say what was asked.
  - The file must use the global variable C(config), by whichever name. A variable of a function does not count.
  - An option is refused if a getter makes it, if its object is frozen, or if two options share its object.
    RV(notes) says where an object has another name in the file.
  - Values are written in ASCII, without V(<), so they are safe in a page's script and in server-side includes.
  - Values of keys that look like a secret (for example V(analytics.apiKey)) are masked in diffs, results and logs.
    So are strings that hold a secret, such as a URL with a password.
    This covers values that are already in the file. But mind that a web server hands C(config.js) to everybody.
extends_documentation_fragment:
  - ansible.builtin.files
  - selfhosted.jitsi._attributes
  - selfhosted.jitsi._attributes.files
  - selfhosted.jitsi._file_edit
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  safe_file_operations:
    support: full
options:
  settings:
    description:
      - What the options shall be. Each key may be named once.
      - An option whose key begins with the key of another one, such as V(p2p.enabled) and V(p2p), is refused,
        also if an earlier run has set the other one.
    type: list
    elements: dict
    required: true
    suboptions:
      key:
        description:
          - The path of the option below C(config), with dots between the names.
          - A name with dots, blanks, quotes or brackets stands in quotes, such as V(a."b.c".d).
          - Names that every JavaScript object has, such as V(constructor) and V(__proto__), are refused.
        type: str
        required: true
      value:
        description:
          - The value, of any type that JSON can hold.
            V(true) and V("true") are different values, and so are V(10000) and V("10000").
          - Lists and mappings replace what was there as a whole.
          - Infinite numbers and integers that JavaScript cannot hold exactly are refused.
          - Required if O(settings[].state=present), where V(null) is a value too. It is ignored otherwise.
        type: raw
      state:
        description:
          - V(present) sets the option. What it is below is created where it is missing,
            and replaced by an object where it is a number, a text or the like, which cannot hold options.
          - V(absent) removes the option from the block.
            If the rest of the file still seems to set it, RV(notes) says where.
        type: str
        choices: [present, absent]
        default: present
      secret:
        description:
          - Whether the value is a secret although its key does not look like one.
            It is then masked everywhere, and diffs mask all values in the file whose name is the last one of the key.
          - Values of keys that look like a secret are masked in any case.
        type: bool
        default: false
notes:
  - A file that ends inside a string, a comment, a template, a regular expression, an open bracket or a statement
    is refused. So are a block that was edited by hand, and a file larger than 512 KiB.
  - A file that has code but does not define C(config) is refused. In a file without code, such as a new one,
    the block begins with C(var config = config || {};).
  - The file is read, but not run. Options in an object that the file freezes have no effect,
    and code of the file that ran before the block has seen the earlier values.
  - Where C(node) is installed, O(validate) can have it check the file, as the second example does.
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

- name: Remove our resolution, so that the file's own value counts
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
  description: Path of the copy that was kept.
  returned: if O(backup=true) and the file was changed
  type: str
  sample: /etc/jitsi/meet/meet.example.com-config.js.4711.2026-01-31@12:00:00~
diff:
  description:
    - The content, and then the file attributes if they change, before and after.
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
  description: One line for each thing that was noticed in the file.
  returned: success
  type: list
  elements: str
  sample: ["line 147: the file itself still seems to set p2p.stunServers"]
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js.block import path_of
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js.edit import decide, edits_from, masked
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.editing.module import (
    FileEditModule,
    settings_option,
)

ARGUMENTS = {
    # Tells a value that is missing from one that is null.
    "settings": settings_option("present", "absent", required_if=[("state", "present", ("value",))]),
}


def main() -> None:
    """Read the options, let the core decide, and act."""
    module = FileEditModule(ARGUMENTS)
    result = module.edit(
        decide=lambda before: decide(before, edits_from(module.settings)),
        describe=masked,
        name_of=lambda key: path_of(key, "settings")[-1],
    )
    module.exit_json(**result)


if __name__ == "__main__":
    main()
