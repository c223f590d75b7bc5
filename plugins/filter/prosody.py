# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the query for prosody's shell."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import prosody as prosody_answer
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._filters import Filters, guarded


def prosody_question(fqdn: object) -> str:
    """Return the query for prosody's shell."""
    return prosody_answer.question(str(fqdn))


class FilterModule:
    """The entry point for Ansible."""

    def filters(self) -> Filters:
        """The filters, by the names that playbooks use."""
        return guarded({"prosody_question": prosody_question})
