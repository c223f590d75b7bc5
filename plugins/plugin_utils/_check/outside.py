# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge the site as a machine outside sees it."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .rows import Part, probed

#: The registered tasks of probe_info; each but the last is a loop.
_LOOPS = (("fronts", "others"), ("sockets",))


def judge(_machine: str, part: Part) -> list[Verdict]:
    """Return the verdicts about pages, XMPP and WebSockets.

    :param part: ``fronts``, ``others`` and ``sockets``, results of loops over probe_info, and ``meeting``, its results.
    """
    pages, sockets = ([row for name in names for row in _looped(part, name)] for names in _LOOPS)
    return pages + probed(part["meeting"]) + sockets


def _looped(part: Part, name: str) -> list[Verdict]:
    return [row for one in part[name] for row in probed(one.get("results", ()))]
