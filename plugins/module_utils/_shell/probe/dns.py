# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look a name up as programs on this machine do, and try its IPv6 addresses."""

from __future__ import annotations

import contextlib
import errno
import socket
import time
from typing import Any, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.dns import DnsSeen

HTTPS = 443
# EAI_NODATA is no part of POSIX any more, and not every Python knows it.
NO_ADDRESS = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
NO_WAY = {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


def see_dns(request: Mapping[str, Any], timeout: float) -> DnsSeen:
    """Return the addresses of the name; never raises for a probe that fails.

    :param timeout: seconds for all connections together.
    """
    port = request.get("port") or HTTPS
    try:
        found = socket.getaddrinfo(request["domain"], port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return DnsSeen() if error.errno in NO_ADDRESS else DnsSeen(error=str(error.strerror))
    except (OSError, UnicodeError) as error:
        return DnsSeen(error=str(error))
    deadline = time.monotonic() + timeout
    ipv4 = dict.fromkeys(str(entry[4][0]) for entry in found if entry[0] == socket.AF_INET)
    ipv6 = {str(entry[4][0]): entry[4] for entry in found if entry[0] == socket.AF_INET6}
    return DnsSeen(tuple(ipv4), tuple((name, _problem(address, deadline)) for name, address in ipv6.items()))


def _problem(address: Any, deadline: float) -> str:
    """Why an IPv6 address accepts no TCP connection, empty if it does."""
    try:
        with contextlib.closing(socket.socket(socket.AF_INET6, socket.SOCK_STREAM)) as stream:
            stream.settimeout(max(deadline - time.monotonic(), 0.01))
            stream.connect(address)
    except OSError as error:
        no_way = error.errno in NO_WAY
        return f"this machine cannot reach ({error.strerror})" if no_way else "does not answer"
    return ""
