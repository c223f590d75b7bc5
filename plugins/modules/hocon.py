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
  - Sets and removes values in a file that a program reads with Lightbend's (Typesafe's) config library, such as
    C(/etc/jitsi/videobridge/jvb.conf) and C(/etc/jitsi/jicofo/jicofo.conf).
  - The module reads the file as the library does. It knows nested and dotted keys, every form of string, comments,
    substitutions, includes and duplicates. It finds a path in any notation.
  - The module changes only the bytes that it must change. Comments, order, indentation and line endings stay.
  - The module parses the new text before it writes it. The new text must contain your values, and everything else must
    mean the same as before. If the module cannot prove the effect of an edit, it refuses the edit and writes nothing.
  - Values of keys that look like a secret (for example V(shard.PASSWORD)) are masked in diffs, results and logs. So
    are strings that contain a secret, such as a URL with a password.
  - This also covers the values that are already in the file. A change of such a value is still reported as a change.
extends_documentation_fragment:
  - ansible.builtin.files
  - selfhosted.jitsi._attributes
  - selfhosted.jitsi._file_edit
options:
  settings:
    description:
      - The values. You can name each path once, and no path can lie inside another one.
    type: list
    elements: dict
    required: true
    suboptions:
      key:
        description:
          - The path of the value, with dots between its elements.
          - Put an element in double quotes if it contains a dot or another special character, such as V(a."b.c".d).
        type: str
        required: true
      value:
        description:
          - The value, of any JSON type. V("true") and V(true) are different values, and so are V("10000") and
            V(10000).
          - V(null) sets the path to null. This hides the program's default.
          - A dictionary replaces the dictionary in the file. The two are not merged.
          - Required if O(settings[].state=present), and ignored otherwise.
        type: raw
      state:
        description:
          - V(present) sets the value. If exactly one definition of the path is in force and nothing else in the file
            affects it, the module changes the value in place.
          - Otherwise the module assigns the path in a block between the comments C(# BEGIN selfhosted.jitsi.hocon) and
            C(# END selfhosted.jitsi.hocon). The block stays at the end of the file, because the last assignment wins.
          - Your lines behind the block keep their effect. If the block cannot move behind them without changing the
            meaning of the file, it stays, and a second block follows them.
          - V(absent) removes every definition of the path. Comments outside of the definitions stay.
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
  - The module refuses a path if a substitution elsewhere in the file depends on it, because the value of the
    substitution would change too.
  - The module refuses a path below a value that is not an object, even if a substitution provides that value.
  - The module does not read included files. V(absent) removes the definitions in the file itself. RV(notes) then tells
    you that an included file can still set the path. The module does not see substitutions in included files.
  - Bytes that are not UTF-8 are allowed only in comments. They do not change.
  - The module refuses a file larger than 1 MiB.
  - If a dictionary must replace definitions in several places of the file, the module assigns V(null) first. This also
    hides the program's own defaults below the path. RV(notes) reports it.
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
  description: Path of the backup copy.
  returned: if O(backup=true) and the file was changed
  type: str
  sample: /etc/jitsi/videobridge/jvb.conf.4711.2026-01-31@12:00:00~
diff:
  description:
    - The content before and after, and then the file attributes if they change.
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
  description: One line for each remark about the file.
  returned: success
  type: list
  elements: str
  sample: ["a.b: null hides all earlier values, including the program's own defaults"]
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.hocon import main

if __name__ == "__main__":
    main()
