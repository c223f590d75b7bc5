# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of the site's vhosts that no variable says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .backends import SITES, JitsiMachine, Vhost, address
from .model import Remark, System
from .paths import JITSIS_PATHS

_WEB_PORTS = (80, 443)


def about_lines(system: System, ours: Sequence[Vhost], jitsi: JitsiMachine) -> Iterator[Remark]:
    """Name what the first run does not take over."""
    proxy = system.proxy.machine
    names = {system.fqdn, *(name for vhost in ours for name in (vhost["name"], *vhost["aliases"]))}
    for vhost in ours:
        for line in vhost["lines"]:
            if not vhost["ours"] and not _is_replaced(line, names, jitsi):
                what = f"{line['file']}, line {line['line']}, has {line['text']!r}, which no variable says"
                remedy = (
                    "If you need it, add it to extra_directives; a path needs a <Location> with ProxyPass ! around it"
                )
                yield Remark(proxy, what, remedy, SITES)
        if vhost["others"]:
            others = ", ".join(vhost["others"])
            what = f"The vhost in {vhost['file']}, line {vhost['line']}, has other directives: {others}"
            remedy = "See whether request_headers, response_headers, hsts or extra_directives shall have them"
            yield Remark(proxy, what, remedy, SITES)


def _is_replaced(line: Mapping[str, Any], names: set[str], jitsi: JitsiMachine) -> bool:
    """Whether the vhosts of the collection do the same: redirect each request to https, and pass WebSockets on."""
    to = address(line["to"].partition("$")[0])
    if not to:
        return False
    if line["is_for_all"]:
        return to.scheme == "https" and to.host in names
    if not line["to"].lower().startswith(("ws:", "wss:")) or to.host not in jitsi.hosts:
        return False
    is_door = to.port in _WEB_PORTS or (to.scheme, to.port) in jitsi.doors
    return is_door or any(path in line["text"] for path in JITSIS_PATHS)
