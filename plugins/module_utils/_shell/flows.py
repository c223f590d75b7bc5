# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""Forget flows that a changed forward would not move."""

from __future__ import annotations

from typing import Sequence

from .._core import flows
from .._core.flows import Flow
from .commands import CommandError, Runner, call

_LIST = ["conntrack", "-L", "-p", "udp", "-f", "ipv4", "-o", "xml"]


def forget_stale(before: Sequence[str], after: Sequence[str], run: Runner) -> tuple[str, ...]:
    """Delete the kernel's entries for UDP flows of forwards that changed, and of no others.

    :param before, after: the own rules of the table nat.
    :returns: what was done, one sentence each.
    """
    if not flows.concerns_udp(before, after):
        return ()
    try:
        known = flows.parse(call(run, _LIST, "", "read the table of connections", "conntrack"))
    except (CommandError, ValueError) as error:
        return (f"{error}. Until then a client that keeps sending stays with the guest that it had",)
    stale = flows.stale(before, after, known)
    for flow in stale:
        # One that has ended meanwhile is no failure.
        run(["conntrack", "-D", *_arguments(flow)], "")
    return (f"{len(stale)} flow(s) of UDP were forgotten, for they went elsewhere",) if stale else ()


def _arguments(flow: Flow) -> list[str]:
    return [
        *("-f", "ipv4", "-p", "udp"),
        *("--orig-src", str(flow.source), "--orig-dst", str(flow.destination)),
        *("--orig-port-src", str(flow.source_port), "--orig-port-dst", str(flow.destination_port)),
    ]
