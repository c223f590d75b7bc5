# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert arguments of this collection's roles to the types in their argument specs."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._arguments import ArgumentError, typed
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._filters import Filters, guarded


def argument(value: object, name: object) -> Any:
    """Return the value of a role's argument in the type of its spec. For null, return the default of the spec."""
    try:
        return typed(value, str(name))
    except ArgumentError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The entry point for Ansible."""

    def filters(self) -> Filters:
        """The filters, by the names that playbooks use."""
        return guarded({"argument": argument})
