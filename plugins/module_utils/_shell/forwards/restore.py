# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put one owner's rules back to what they were."""

from __future__ import annotations

from typing import Callable

from ..._core.forwards import plan as firewall
from ..._core.forwards.plan import Found, Place, Plan
from ..._core.forwards.request import ForwardError
from ..commands import CommandError, Runner
from .iptables import ensure, is_missing, read


def put_back(name: str, earlier: Found, run: Runner) -> None:
    """Give one owner the rules that were read earlier.

    Each table is put back by itself: one that cannot be read or changed keeps no other from it.

    :param earlier: what was read before the rules changed.
    :raises CommandError: if a table could not be put back. It has none of the owner's rules then, if that is possible.
    """
    bare = is_missing(run)
    problems = []
    # Without the rules of the table nat no packet is led astray, so it comes first.
    for place in sorted(read(run, bare)[0], key=lambda place: place.table != "nat"):
        try:
            _put_back_one(name, place, earlier, run, bare)
        except (CommandError, ForwardError) as error:
            problems.append(str(error))
    if problems:
        raise CommandError("; ".join(problems))


def _put_back_one(name: str, place: Place, earlier: Found, run: Runner, bare: bool) -> None:
    try:
        _ensure_one(place, lambda found: firewall.plan_back(name, earlier, found), run, bare)
    except (CommandError, ForwardError):
        # No rules are better than rules that nobody confirmed.
        _ensure_one(place, lambda found: firewall.plan(name, None, found), run, bare)
        raise


def _ensure_one(place: Place, decide: Callable[[Found], Plan], run: Runner, bare: bool) -> None:
    def decide_one(found: Found) -> Plan:
        return decide({place: found[place]} if place in found else {})

    ensure(run, decide_one, decide_one(read(run, bare)[0]), bare)
