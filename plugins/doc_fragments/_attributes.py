# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This document fragment is PRIVATE to the collection and may change at any time.

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of modules; each module says which support it has."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and predict what would change, without changing anything.
  diff_mode:
    description: Can show in diff mode what has changed, or would change.
  idempotent:
    description: Changes nothing, and reports no change, when it is run again with the same options.
"""

    FILES = r"""
options: {}
attributes:
  safe_file_operations:
    description: Replaces files in one step, so a run that is killed leaves the old file or the new one.
"""

    LOOKS = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode; it changes nothing.
    support: full
  diff_mode:
    description: Has no diff; it changes nothing.
    support: none
"""
