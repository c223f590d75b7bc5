# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read HOCON as data, with the same code that the module hocon uses."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.data import data_from


def from_hocon(text: object) -> dict[str, Any]:
    """Return the data of a HOCON text."""
    if not isinstance(text, str):
        raise AnsibleFilterError(f"from_hocon: the value is a {type(text).__name__}; use the text of a file")
    try:
        return data_from(text)
    except CoreError as error:
        raise AnsibleFilterError(f"from_hocon: the text is not readable HOCON: {error}") from error


FILTERS = {"from_hocon": from_hocon}
