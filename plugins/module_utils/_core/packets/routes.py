# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a packet out of the machine, as ip prints it."""

from __future__ import annotations

import json


def device_of(text: str) -> str:
    """Return the interface in what ``ip -json route get`` prints; empty if there is no way."""
    try:
        routes = json.loads(text or "[]")
    except ValueError:
        return ""
    return str(routes[0].get("dev", "")) if routes else ""
