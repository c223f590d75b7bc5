# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert arguments of this collection's roles to the types in their argument specs."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._arguments import ArgumentError, typed


def argument(value: object, name: object) -> Any:
    """Return the value of a role's argument in the type of its spec. For null, return the default of the spec."""
    try:
        return typed(value, str(name))
    except ArgumentError as error:
        raise AnsibleFilterError(str(error)) from error


FILTERS = {"argument": argument}
