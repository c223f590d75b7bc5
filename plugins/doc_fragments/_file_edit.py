# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This document fragment is PRIVATE to the collection and may change at any time.

from __future__ import annotations


class ModuleDocFragment:
    """Options that the editors of configuration files share."""

    DOCUMENTATION = r"""
options:
  path:
    description:
      - The file to edit.
      - A symbolic link is followed, and stays one.
    type: path
    required: true
  create:
    description:
      - Whether to create the file if it does not exist. Otherwise a missing file is an error, also in check mode.
      - A file is only created if there is something to write into it. Its directory must exist.
    type: bool
    default: false
  backup:
    description:
      - Whether to keep a copy of the file, with the time in its name, before it is changed.
      - The copy holds the secrets of the file, and has its owner, mode and ACL.
    type: bool
    default: false
  validate:
    description:
      - A command that checks the new file before it takes the place of the old one.
        V(%s) stands for the path of the new file.
      - The command runs without a shell. If it fails, nothing is written.
      - It is not run in check mode, but quotes that are not closed and a missing V(%s) are errors there, too.
    type: str
"""
