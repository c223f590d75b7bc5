# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Override the settings of a role with the settings of its user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._settings import overlaid as _overlaid


def overlaid(own: object, users: object, nested: object = True, whole: object = False) -> list[dict[str, Any]]:
    """Return the settings of both lists. If keys are equal, the user's setting wins."""
    try:
        return _overlaid(_settings(own), _settings(users), bool(nested), bool(whole))
    except CoreError as error:
        raise AnsibleFilterError(f"overlaid: the settings cannot be joined: {error}") from error


def _settings(value: object) -> Sequence[dict[str, Any]]:
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise AnsibleFilterError(f"overlaid: a value is a {type(value).__name__}; use lists of settings")
    for position, setting in enumerate(value):
        if not isinstance(setting, Mapping) or not isinstance(setting.get("key"), str):
            raise AnsibleFilterError(f"overlaid: item {position} has no key; use a mapping with key")
    return value


FILTERS = {"overlaid": overlaid}
