# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load a config.js."""

from __future__ import annotations

import contextlib
from typing import Any, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import HttpSeen, parse_url
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.session import Session, load

#: Several times as long as the file of any release, in bytes.
MAXIMUM_SETTINGS = 1 << 18


def see_settings(request: Mapping[str, Any], timeout: float) -> HttpSeen:
    """Return the answer; never raises for a probe that fails.

    :param timeout: seconds for the whole probe.
    """
    target = parse_url(request["url"], "settings")
    with contextlib.closing(Session(target, request, timeout)) as session:
        return load(session, target.path, timeout, MAXIMUM_SETTINGS)
