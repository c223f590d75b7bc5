# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read HOCON as data, with the same code that the module hocon uses."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.data import data_from
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._filters import Filters, guarded


def from_hocon(text: object) -> dict[str, Any]:
    """Return the data of a HOCON text."""
    if not isinstance(text, str):
        raise AnsibleFilterError(f"from_hocon: the value is a {type(text).__name__}; use the text of a file")
    try:
        return data_from(text)
    except CoreError as error:
        raise AnsibleFilterError(f"from_hocon: the text is not readable HOCON: {error}") from error


class FilterModule:
    """The entry point for Ansible."""

    def filters(self) -> Filters:
        """The filters, by the names that playbooks use."""
        return guarded({"from_hocon": from_hocon})
