# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a failed row explains another that needs the same service.

Each function takes the cause, the other row, and all rows.
"""

from __future__ import annotations

import re
from typing import Sequence

from ..backends import UNVERIFIED
from ..prosody import WITHOUT_JICOFO
from ..rows import Row
from .words import (
    SILENCE,
    failed_behind_proxy,
    has,
    is_client,
    is_later,
    is_led_elsewhere,
    site_of_jitsi,
    waits_for_bridge,
    waits_for_jicofo,
    waits_for_media,
    way_of,
)

_MACHINE_OF_SOCKETS = re.compile(r"WebSockets of the bridge on (\S+)")
#: How a client ends that prosody does not serve.
_PROSODYS = re.compile(
    r"50[0-9]\b|no answer|connection|(stream|login|session|room): (?![1-4][0-9]{2}\b)", re.IGNORECASE
)
_WAYS_OF_PROXY = (("tcp", 80), ("tcp", 443))
_OF_RUNNING_BRIDGE = ("maps its address", "is where jicofo looks for it", "calls itself healthy", "listens on")


def behind_nginx(_cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about what nginx answers to the proxy."""
    site = site_of_jitsi(rows)
    is_backend = row.subject == "backends" and row.found != UNVERIFIED
    return row.name.startswith(f"{site}:") and (is_backend or failed_behind_proxy(row))


def of_backend(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about what the proxy answers for a backend."""
    site = cause.name.partition(":")[0]
    # A proxy that verifies nothing reaches the backend nevertheless.
    return cause.found != UNVERIFIED and row.name.startswith(f"{site}:") and failed_behind_proxy(row)


def of_prosody(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about who logs in to prosody."""
    return (
        (is_client(row) and _PROSODYS.match(row.found) is not None)
        or (row.subject == "bridge" and "is where jicofo looks for it" in row.name)
        or row.subject == "announcement"
        or _is_page_of_jicofo(row)
    )


def of_jicofo(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about jicofo's own pages, or about a bridge or a client that waits for it."""
    waits = row.subject == "bridge" and WITHOUT_JICOFO in row.found
    return waits or _is_page_of_jicofo(row) or waits_for_jicofo(row)


def without_bridge(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about a client that got no bridge."""
    return waits_for_bridge(row)


def of_mapping(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about a client that is offered other addresses of a bridge than the public ones."""
    return is_led_elsewhere(row)


def of_datagrams(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about a client that gets no packet from a bridge."""
    return waits_for_media(row)


def same_words(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A later row about a client that ends at the same step with the same words."""
    return is_client(row) and row.found == cause.found and is_later(row, cause, rows)


def without_jicofo(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """Another bridge without jicofo, a client that waits for it, and jicofo's own health."""
    if WITHOUT_JICOFO not in cause.found:
        return False
    other = row.subject == "bridge" and row.found == cause.found and is_later(row, cause, rows)
    healthy = row.subject == "services" and row.name.startswith("jicofo ") and row.name != "jicofo runs"
    return other or healthy or waits_for_jicofo(row)


def _is_page_of_jicofo(row: Row) -> bool:
    return row.subject == "services" and row.name.startswith("jicofo answers")


def of_bridge(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about what a bridge does while it runs."""
    if row.subject == "outside":
        named = _MACHINE_OF_SOCKETS.search(row.name)
        return named is not None and named[1] == cause.machine
    return row.subject in ("bridge", "tcp") and row.machine == cause.machine and has(row, _OF_RUNNING_BRIDGE)


def of_apache(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about what Apache answers, or about Apache on the same machine."""
    if row.subject == "wanted":
        return row.machine == cause.machine and row.name.startswith("apache2 ")
    return row.subject == "outside" and way_of(row) in _WAYS_OF_PROXY and SILENCE.search(row.found) is not None


def of_service(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about what the service does with which the name of the cause begins."""
    service = cause.name.partition(" ")[0]
    if row.subject == "wanted" and row.machine == cause.machine:
        return row.name.startswith(f"{service} ") and row.name.endswith("does its work")
    return service in _SERVICES and _SERVICES[service](cause, row, rows)


#: What goes wrong if a service does not run, or runs with other files than it should.
_SERVICES = {
    "jitsi-videobridge2": of_bridge,
    "jicofo": of_jicofo,
    "nginx": behind_nginx,
    "prosody": of_prosody,
}
