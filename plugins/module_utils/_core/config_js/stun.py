# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The STUN servers in a config.js, without what stands beside their addresses."""

from __future__ import annotations

import re
from typing import Any, Iterator

_URL = re.compile(r"stun:([A-Za-z0-9.-]+)(?::([0-9]{1,5}))?")
#: Where a URL has no port (RFC 7064).
_PORT = "3478"


def stun_servers(value: Any) -> tuple[list[str], int]:
    """The servers as HOST:PORT, and the number of entries that no URL of such a server names.

    :param value: the value of p2p.stunServers.
    """
    urls = list(_urls(value if isinstance(value, list) else []))
    found = [match for match in (_URL.fullmatch(url) for url in urls if isinstance(url, str)) if match]
    servers = dict.fromkeys(f"{match[1]}:{match[2] or _PORT}" for match in found)
    return list(servers), len(urls) - len(found)


def _urls(entries: list[Any]) -> Iterator[Any]:
    for entry in entries:
        urls = entry.get("urls") if isinstance(entry, dict) else None
        yield from urls if isinstance(urls, list) else [urls]
