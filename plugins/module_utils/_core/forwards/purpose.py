# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose forwards a run would replace: two inventories may use one name, and know nothing of each other."""

from __future__ import annotations

from typing import Collection

from .request import Forward, ForwardError, Request


def is_of_another(kept: Request | None, purpose: str, replaces: Collection[str]) -> bool:
    """Whether kept forwards are for something else.

    :param purpose: what the run is for; empty if nobody said.
    :param replaces: what the run can also replace.
    """
    return kept is not None and kept.purpose not in (purpose, *replaces)


def refuse_takeover(kept: Request | None, request: Request, replaces: Collection[str]) -> None:
    """Raise ForwardError if a run would take over forwards that are for something else.

    Forwards of which nobody said what they are for may be named, as long as none of them goes.

    :param kept: what the owner asked for before.
    """
    if kept is None or not is_of_another(kept, request.purpose, replaces):
        return
    lost = [forward for forward in kept.forwards if not _leads_on(forward, kept, request)]
    taken = lost or list(kept.forwards if kept.purpose else ())
    if taken:
        raise ForwardError(
            f"name: the forwards of {kept.name!r} on this host are for {_said(kept.purpose)}, and this run is for"
            f" {_said(request.purpose)}. It would {'remove' if lost else 'take over'} {', '.join(map(_text, taken))}."
            f" Use another name. If nobody else needs these forwards any more, set replaces to {[kept.purpose]!r}"
        )


def note_of_another(kept: Request) -> str:
    """Say why nothing is removed."""
    return f"the forwards of {kept.name!r} on this host are for {_said(kept.purpose)}, so none of them is removed"


def _leads_on(forward: Forward, kept: Request, request: Request) -> bool:
    same = (forward.protocol, forward.ports, forward.to, forward.to_ports, forward.sources)
    return kept.public_address == request.public_address and any(
        same == (one.protocol, one.ports, one.to, one.to_ports, one.sources) for one in request.forwards
    )


def _said(purpose: str) -> str:
    return repr(purpose) if purpose else "nothing that was named"


def _text(forward: Forward) -> str:
    return f"{forward.protocol} port {forward.ports} to {forward.to}"
