# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which settings of a config.js may be secret, although every browser gets them."""

from __future__ import annotations

import re
from typing import Any

from ..editing.masking import SECRET, holds_secret
from ..urls import without_user

_NAME = re.compile(rf"{SECRET.pattern}|passw|psk|.key$", re.IGNORECASE)


def is_secret(name: str, value: Any) -> bool:
    """Whether a setting, or something in its value, is secret by its name, or is a text that holds a secret."""
    if value is None or isinstance(value, bool):
        return False
    if _NAME.search(name) or (isinstance(value, str) and _holds_secret(value)):
        return True
    if isinstance(value, dict):
        return any(is_secret(key, inner) for key, inner in value.items())
    return isinstance(value, list) and any(is_secret("", inner) for inner in value)


def _holds_secret(text: str) -> bool:
    return without_user(text) != text or holds_secret(text, SECRET)
