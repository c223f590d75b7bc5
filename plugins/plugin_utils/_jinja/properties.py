# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read and write Java properties as data, with the same code that the module java_properties uses."""

from __future__ import annotations

from collections.abc import Mapping

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.java_properties.data import mapping_from, text_from


def from_properties(text: object) -> dict[str, str]:
    """Return the mapping that Java reads from a text."""
    if not isinstance(text, str):
        raise AnsibleFilterError(f"from_properties: the value is a {type(text).__name__}; use the text of a file")
    try:
        return mapping_from(text)
    except CoreError as error:
        raise AnsibleFilterError(f"from_properties: the text is not readable as Java properties: {error}") from error


def to_properties(mapping: object) -> str:
    """Return a text that Java reads as exactly this mapping."""
    if not isinstance(mapping, Mapping):
        raise AnsibleFilterError(f"to_properties: the value is a {type(mapping).__name__}; use a dictionary")
    try:
        return text_from(mapping)
    except CoreError as error:
        raise AnsibleFilterError(
            f"to_properties: the dictionary cannot be written as Java properties: {error}"
        ) from error


FILTERS = {"from_properties": from_properties, "to_properties": to_properties}
