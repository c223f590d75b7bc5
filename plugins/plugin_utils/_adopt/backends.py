# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machines that the vhosts of others lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

#: The variable that says what the proxy does.
SITES = "reverse_proxy_sites"

Vhost = Mapping[str, Any]

_SCHEMES = {"ws": "http", "wss": "https"}
_PORTS = {"http": 80, "https": 443}
_USUAL = frozenset({("https", 443)})


class Address(NamedTuple):
    """Where a URL leads. The scheme of a WebSocket is that of its handshake."""

    scheme: str
    host: str
    port: int


def address(url: str) -> Address | None:
    """Where a URL leads. A socket has no address, and neither has what only looks like a URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = _SCHEMES.get(parts.scheme, parts.scheme)
    return Address(scheme, host, port or _PORTS.get(scheme, 0)) if host else None


def path_of(url: str) -> str:
    """The path of a URL that has an address."""
    return urlsplit(url).path


def hosts_of(vhost: Vhost) -> set[str]:
    """The hosts that the paths of a vhost lead to."""
    found = (address(backend["url"]) for backend in vhost["backends"])
    return {one.host for one in found if one}


class JitsiMachine(NamedTuple):
    """How the vhosts of the site name the Jitsi machine.

    :param hosts: its address, and whatever leads the site's first page.
    :param doors: the schemes and ports of the site there.
    """

    hosts: frozenset[str]
    doors: frozenset[tuple[str, int]]


def jitsi_machine(ours: Sequence[Vhost], local: str) -> JitsiMachine:
    """How the vhosts of the site name the Jitsi machine, whose address is ``local``."""
    backends = (backend for vhost in ours for backend in vhost["backends"] if backend["path"] == "/")
    roots = [one for one in (address(backend["url"]) for backend in backends) if one]
    hosts = {local, *(one.host for one in roots)} - {""}
    return JitsiMachine(frozenset(hosts), frozenset((one.scheme, one.port) for one in roots) or _USUAL)
