# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs probes side by side, so that one that is not answered holds up no other."""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Mapping, Sequence

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.dns import judge_dns
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.page import judge_page
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.settings import judge_settings
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.turn import judge_stun, judge_turn
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import (
    Verdict,
    judge_http,
    judge_udp,
    judge_websocket,
    verdict_of,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.xmpp import judge_xmpp
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.dns import see_dns
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.http import see_http
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.page import see_page
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.settings import see_settings
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.turn import see_stun, see_turn
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.udp import see_udp
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.websocket import see_websocket
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.xmpp import see_xmpp

AT_ONCE = 8
#: What Python raises at texts and numbers that no honest server sends.
UNREADABLE = (ArithmeticError, LookupError, OSError, RecursionError, ValueError, struct.error)
#: For each kind what looks, and what judges what was seen.
KINDS: dict[str, tuple[Callable[[Mapping[str, Any], float], Any], Callable[[Mapping[str, Any], Any], Verdict]]] = {
    "http": (see_http, judge_http),
    "websocket": (see_websocket, judge_websocket),
    "udp": (see_udp, judge_udp),
    "stun": (see_stun, judge_stun),
    "turn": (see_turn, judge_turn),
    "dns": (see_dns, judge_dns),
    "page": (see_page, judge_page),
    "settings": (see_settings, judge_settings),
    "xmpp": (see_xmpp, judge_xmpp),
}


def run_probes(requests: Sequence[Mapping[str, Any]], timeout: float) -> list[dict[str, Any]]:
    """One row for each request, in their order.

    :param timeout: seconds for each probe.
    """

    def run(request: Mapping[str, Any]) -> dict[str, Any]:
        see, judge = KINDS[request["kind"]]
        try:
            return judge(request, see(request, timeout)).row()
        except UNREADABLE as error:
            # One server's nonsense is one row: the others have theirs.
            found = f"an answer that cannot be read ({type(error).__name__})"
            return verdict_of(request, False, "an answer that can be read", found).row()

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(run, requests))
