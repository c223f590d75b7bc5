# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read a machine's way out, and ask its resolver for names."""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import asdict
from threading import Thread
from typing import Any, Sequence

from ..._core.machine.network import (
    ADDRESSES,
    NEIGHBOURS,
    ROUTES,
    missing,
    parse_gateway,
    parse_name_servers,
    parse_route_table,
    parse_wanted,
    with_neighbour,
)
from ..commands import Runner, call, try_call
from .condition import text_of

RESOLVER = "/etc/resolv.conf"
ROUTE_TABLE = "/proc/net/route"
SECONDS = 5.0
#: The kernel asks three times, once a second.
NEIGHBOUR_SECONDS = 4.0
_PROBLEMS = {
    socket.EAI_AGAIN: "no name server answers",
    socket.EAI_NONAME: "there is no such name",
    socket.EAI_NODATA: "the name has no IPv4 address",
    socket.EAI_FAIL: "the name server refuses to answer",
}
_SILENT = {"addresses": [], "problem": f"no answer within {SECONDS:.0f} seconds"}


def look_up(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Ask the machine's resolver for the IPv4 addresses of names, all at once, for SECONDS at most.

    :returns: for each name its ``addresses``, and the ``problem`` if there is none.
    """
    answers: dict[str, dict[str, Any]] = {}

    def ask(name: str) -> None:
        answers[name] = _ask(name)

    # The resolver cannot be stopped; the end of the module does not wait for such threads.
    threads = [Thread(target=ask, args=(name,), daemon=True) for name in dict.fromkeys(names)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return {name: answers.get(name, _SILENT) for name in names}


def _ask(name: str) -> dict[str, Any]:
    try:
        found = socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)
    except socket.gaierror as error:
        return {"addresses": [], "problem": _PROBLEMS.get(error.errno or 0, f"the resolver fails with {error.errno}")}
    except (OSError, ValueError):
        # Python cannot write it as a name of DNS.
        return {"addresses": [], "problem": "it is no name"}
    return {"addresses": sorted({str(address[4][0]) for address in found}), "problem": ""}


def read_gateway(run: Runner) -> dict[str, Any]:
    """The default route with its gateway, as data. A gateway that the kernel does not know yet is asked for."""
    routes = try_call(run, ROUTES)
    gateway = parse_gateway(routes) if routes.strip() else parse_route_table(text_of(ROUTE_TABLE))
    known = with_neighbour(gateway, try_call(run, NEIGHBOURS))
    if known.address and known.is_open:
        _ask_for(known.address)
    deadline = time.monotonic() + NEIGHBOUR_SECONDS
    while known.address and known.is_open and time.monotonic() < deadline:
        time.sleep(0.1)
        known = with_neighbour(gateway, try_call(run, NEIGHBOURS))
    return asdict(known)


def _ask_for(address: str) -> None:
    """Have the kernel ask for the hardware address of a neighbour, by an empty datagram to the port "discard"."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client, contextlib.suppress(OSError):
        client.sendto(b"", (address, 9))


def read_name_servers() -> list[str]:
    """The name servers that the resolver asks."""
    return parse_name_servers(text_of(RESOLVER))


def read_missing(addresses: Sequence[str], run: Runner) -> list[str]:
    """The addresses that the machine must have and does not.

    :raises JitsiError: if one is no IPv4 address, or if ip does not print those of the machine.
    """
    wanted = parse_wanted(addresses)
    return missing(wanted, call(run, ADDRESSES, "", "read the addresses", "iproute2")) if wanted else []
