#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set values in a HOCON file."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hocon
short_description: Set values in a HOCON file
version_added: 0.1.0
author:
  - The selfhosted.jitsi founders (@selfhosted)
description:
  - Sets and removes values in a file that a program reads with Lightbend's (Typesafe's) config library,
    such as C(/etc/jitsi/videobridge/jvb.conf) and C(/etc/jitsi/jicofo/jicofo.conf).
  - The file is read as the library reads it, with nested and dotted keys, every form of string, comments,
    substitutions, includes and duplicates. A path is found however it is written.
  - No byte changes that was not asked for. Comments, order, indentation and line endings stay.
  - The new text is parsed again before it is written, and must mean what was asked and otherwise what it meant before.
    An edit whose effect cannot be proved is refused, and nothing is written.
  - Values of keys that look like a secret (for example V(shard.PASSWORD)) are masked in diffs, results and logs.
    So are strings that hold a secret, such as a URL with a password.
    This covers the values that are already in the file. A change of such a value still shows as a change.
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
      - What the values shall be. Each path may be named once, and none may lie in another.
    type: list
    elements: dict
    required: true
    suboptions:
      key:
        description:
          - The path of the value, with dots between its elements.
          - Put an element in double quotes if it holds a dot or another special character, like V(a."b.c".d).
        type: str
        required: true
      value:
        description:
          - The value, of any type that JSON has. V("true") and V(true), V("10000") and V(10000) are not the same.
          - V(null) sets the path to null, which hides the program's default.
          - A dictionary replaces the one that the file has, and does not merge with it.
          - Required if O(settings[].state=present), and ignored otherwise.
        type: raw
      state:
        description:
          - V(present) sets the value. If one definition of the path is in force and nothing else in the file has to do
            with it, its value is exchanged where it stands. Otherwise the path is assigned in a block
            between the comments C(# BEGIN selfhosted.jitsi.hocon) and C(# END selfhosted.jitsi.hocon),
            which is kept at the end of the file, for the last assignment is the one that counts.
          - Your lines behind the block keep their effect. If the block cannot move behind them
            without changing what the file means, it stays, and a second block follows them.
          - V(absent) removes every definition of the path, but no comments outside of it.
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
  - A path on which a substitution elsewhere in the file depends is refused,
    because the value of the substitution would change, too.
  - A path below a value that is no object is refused, also where a substitution brings that value.
  - Files that are included are not read. V(absent) removes what the file itself says.
    RV(notes) then tells you that an included file may still set the path.
    Substitutions in included files are not seen.
  - Bytes that are not UTF-8 may only stand in comments, where they stay as they are.
  - A file larger than 1 MiB is refused.
  - Where a dictionary has to replace what the file says in more than one place, V(null) is assigned first.
    That hides the program's own defaults below the path, too. RV(notes) says so.
"""

EXAMPLES = r"""
- name: Configure both addresses of the videobridge, and no STUN server
  selfhosted.jitsi.hocon:
    path: /etc/jitsi/videobridge/jvb.conf
    settings:
      - key: ice4j.harvest.mapping.stun.addresses
        value: []
      - key: ice4j.harvest.mapping.static-mappings
        value:
          - local-address: 192.168.122.120
            public-address: 198.51.100.10

- name: Configure the media port, in a file that may not exist yet
  selfhosted.jitsi.hocon:
    path: /etc/jitsi/videobridge/jvb.conf
    create: true
    owner: jvb
    group: jitsi
    mode: "0640"
    backup: true
    settings:
      - key: videobridge.ice.udp.port
        value: 10000
      - key: videobridge.ice.tcp
        state: absent
"""

RETURN = r"""
backup_file:
  description: Path of the copy that was kept.
  returned: if O(backup=true) and the file was changed
  type: str
  sample: /etc/jitsi/videobridge/jvb.conf.4711.2026-01-31@12:00:00~
diff:
  description:
    - The content, and then the file attributes if they change, before and after.
    - The values of secret keys are masked.
  returned: in diff mode
  type: list
  elements: dict
  sample:
    - before_header: /etc/example.conf (content)
      after_header: /etc/example.conf (content)
      before: "port = 80\n"
      after: "port = 443\n"
notes:
  description: One line for each thing that was noticed in the file.
  returned: success
  type: list
  elements: str
  sample: ["a.b: null hides what is said before, the program's own defaults included"]
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.edit import decide, edits_from
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.mask import masked
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.text import parse_path
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
        name_of=lambda key: parse_path(key)[-1],
    )
    module.exit_json(**result)


if __name__ == "__main__":
    main()
