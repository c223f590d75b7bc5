# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether Apache could listen on a port."""

from __future__ import annotations

import errno
import socket
from typing import Iterable

from ..commands import CommandError

_ALL = ((socket.AF_INET, ""), (socket.AF_INET6, ""))


def refuse_taken(places: Iterable[tuple[str, int]], restored: str = "") -> None:
    """Refuse ports that other processes use: Apache tests its configuration without them, and ends at its next reload.

    :param places: addresses, empty for all of the machine, and ports.
    :param restored: a sentence of the message about what the refusal restores.
    :raises CommandError: if one of them is in use.
    """
    taken = sorted({port for address, port in places if _is_taken(address, port)})
    if taken:
        raise CommandError(
            f"Apache would listen on {', '.join(f'tcp/{port}' for port in taken)} from now on, which another process "
            f"uses, and would end. {restored}Free the port (see `ss -tlnp`), or change the Listen directive in "
            "/etc/apache2/ports.conf"
        )


def _is_taken(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return any(_is_in_use(*place, port) for place in ([(family, address)] if address else _ALL))


def _is_in_use(family: socket.AddressFamily, address: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As Apache does. A socket that listens is in the way nevertheless.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind((address, port))
    except OSError as error:
        # A machine without IPv6 has nobody there.
        return error.errno == errno.EADDRINUSE
    return False
