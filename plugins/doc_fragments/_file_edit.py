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
      - The module follows a symbolic link, and does not replace the link.
    type: path
    required: true
  create:
    description:
      - Whether to create the file if it does not exist. With V(false) a missing file is an error, also in check mode.
      - The module creates the file only if it has something to write. The directory must exist.
    type: bool
    default: false
  backup:
    description:
      - Whether to copy the file before it is changed. The name of the copy contains the time.
      - The copy contains the secrets of the file, and has the same owner, mode and ACL.
    type: bool
    default: false
  validate:
    description:
      - A command that checks the new file before it replaces the old file. V(%s) is the path of the new file.
      - The command runs without a shell. If it fails, nothing is written.
      - The command does not run in check mode. Unclosed quotes and a missing V(%s) are errors there too.
    type: str
"""
