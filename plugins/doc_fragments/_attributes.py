# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This document fragment is PRIVATE to the collection and may change at any time.

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of modules: of those that change files, of those for Debian, and of those that only look."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and predict the changes, without changing anything.
    support: full
  diff_mode:
    description: Can return details about its changes, or its predicted changes, in diff mode.
    support: full
  idempotent:
    description: Changes nothing and reports no change when you run it again with the same options.
    support: full
  safe_file_operations:
    description: Replaces files in one step. If the run is killed, the file is either the old one or the new one.
    support: full
"""

    DEBIAN = r"""
options: {}
attributes:
  platform:
    description: The systems on which the module runs.
    support: full
    platforms: debian
"""

    LOOKS = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode, because it changes nothing.
    support: full
  diff_mode:
    description: Returns no diff, because it changes nothing.
    support: none
"""
