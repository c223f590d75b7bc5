# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge the number of connections that Apache allows."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .rows import Part

REMEDY = (
    "Run selfhosted.jitsi.site. A restart of Apache interrupts all its sites for some seconds: allow it with "
    "reverse_proxy_may_restart, or run systemctl restart apache2 at a quiet hour. If the room stays too small, a file "
    "of somebody else lowers MaxRequestWorkers behind that of the role"
)


def judge(machine: str, part: Part) -> list[Verdict]:
    """Return the verdict about Apache.

    :param part: ``size``, the result of apache_workers, and ``participants``.
    """
    size = part["size"]
    ok = size["room_before"] >= size["room"] and not size["restart_owed"]
    found = f"room for {size['room_before']} connections"
    # A run that would write more room owes a restart, too.
    found += (
        ", which counts only after a restart" if size["restart_owed"] and size["room_before"] >= size["room"] else ""
    )
    name = f"{machine} holds the WebSockets of {part['participants']} people"
    return [Verdict(name, ok, f"room for {size['room']} connections", found, REMEDY)]
