# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge the site as a machine outside sees it."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .rows import Part, probed


def judge(_machine: str, part: Part) -> list[Verdict]:
    """Return the verdicts about pages, XMPP and WebSockets.

    :param part: ``results`` of probe_info.
    """
    return probed(part["results"])
