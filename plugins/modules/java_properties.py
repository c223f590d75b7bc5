#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set properties in a file of java.util.Properties."""

from __future__ import annotations

DOCUMENTATION = r"""
module: java_properties
short_description: Set properties in a Java properties file
version_added: 0.1.0
author:
  - The selfhosted.jitsi founders (@selfhosted)
description:
  - Sets, removes and comments out properties in a file that Java reads with C(java.util.Properties), such as
    C(/etc/jitsi/videobridge/sip-communicator.properties).
  - The module reads the file as Java does. It knows continued lines, escapes, every separator and every line ending.
    It finds a key in any notation.
  - The module changes only the bytes that it must change. Comments, order, indentation, separators and line endings
    stay.
  - The module parses the new text before it writes it, and checks that the new text contains your values.
  - Values of keys that look like a secret (for example V(org.example.PASSWORD)) are masked in diffs, results and logs.
    So are strings that contain a secret, such as a URL with a password.
  - This also covers the values that are already in the file. A change of such a value is still reported as a change.
extends_documentation_fragment:
  - ansible.builtin.files
  - selfhosted.jitsi._attributes
  - selfhosted.jitsi._file_edit
options:
  settings:
    description:
      - The properties and their values. You can name each key once.
    type: list
    elements: dict
    required: true
    suboptions:
      key:
        description:
          - The name of the property in the program, without escapes.
        type: str
        required: true
      value:
        description:
          - The value for the program, without escapes. The module adds the escapes that the file needs.
          - A string or an integer. Quote words that YAML would convert, such as V("true") or V("1.0").
          - Required if O(settings[].state=present), and ignored otherwise.
        type: raw
      state:
        description:
          - V(present) sets the value. If the key exists, the module changes only the value of its last assignment,
            because that one is in force.
          - Otherwise it adds a line behind the last comment that contains an assignment of the key (such as
            C(#key=value)). If there is no such comment, it adds the line at the end of the file. If the last line of
            the file has no line end, the new line is added before it.
          - V(absent) removes every assignment of the key. Comments stay.
          - V(commented) turns every assignment of the key into a comment.
        type: str
        choices: [present, absent, commented]
        default: present
      secret:
        description:
          - Whether the value is a secret although its key does not look like one. It is then masked everywhere. The
            values of this key in the file are masked too.
          - Values of keys that look like a secret are always masked.
        type: bool
        default: false
  encoding:
    description:
      - The encoding that the program uses to read the file. Jitsi reads UTF-8. Programs that give Java a stream of
        bytes read ISO 8859-1.
      - The module writes plain ASCII, with escapes for all other characters. So its text is correct in both encodings.
    type: str
    choices: [utf-8, iso-8859-1]
    default: utf-8
  duplicates:
    description:
      - How to handle earlier assignments of a key with O(settings[].state=present). The last assignment overrides
        them.
      - V(remove) removes them and reports it in RV(notes).
      - V(keep) does not change them.
    type: str
    choices: [remove, keep]
    default: remove
notes:
  - The module refuses a file with a broken C(\u) escape, because Java stops reading there and loses the rest of the
    file.
  - In Java a byte-order mark at the beginning of the file is part of the first key. RV(notes) reports it if this hides
    a key that you set.
"""

EXAMPLES = r"""
- name: Configure both addresses of the videobridge
  selfhosted.jitsi.java_properties:
    path: /etc/jitsi/videobridge/sip-communicator.properties
    settings:
      - key: org.ice4j.ice.harvest.NAT_HARVESTER_LOCAL_ADDRESS
        value: 192.168.122.120
      - key: org.ice4j.ice.harvest.NAT_HARVESTER_PUBLIC_ADDRESS
        value: 198.51.100.10
      - key: org.ice4j.ice.harvest.STUN_MAPPING_HARVESTER_ADDRESSES
        state: commented

- name: Configure media over TCP, in a file that may not exist yet
  selfhosted.jitsi.java_properties:
    path: /etc/jitsi/videobridge/sip-communicator.properties
    create: true
    owner: jvb
    group: jitsi
    mode: "0640"
    backup: true
    settings:
      - key: org.jitsi.videobridge.DISABLE_TCP_HARVESTER
        value: "false"
      - key: org.jitsi.videobridge.TCP_HARVESTER_PORT
        value: 4443
"""

RETURN = r"""
backup_file:
  description: Path of the backup copy.
  returned: if O(backup=true) and the file was changed
  type: str
  sample: /etc/jitsi/videobridge/sip-communicator.properties.4711.2026-01-31@12:00:00~
diff:
  description:
    - The content before and after, and then the file attributes if they change.
    - The values of secret keys are masked.
  returned: in diff mode
  type: list
  elements: dict
  sample:
    - before_header: /etc/example.properties (content)
      after_header: /etc/example.properties (content)
      before: "port = 80\n"
      after: "port = 443\n"
notes:
  description: One line for each remark about the file.
  returned: success
  type: list
  elements: str
  sample: ["line 3: removed an assignment of port that line 7 overrides"]
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.java_properties import main

if __name__ == "__main__":
    main()
