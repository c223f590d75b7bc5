# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client and a server in networks of their own, with a router between them, which has the rules."""

from __future__ import annotations

import contextlib
import ctypes
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from namespaces import SBIN, Namespace

CLIENTS, ROUTER, SERVER = ("10.1.0.2", "10.1.0.3"), "10.1.0.1", "10.2.0.2"
PORTS = (1000, 1001, 1002)
OTHER = 1003


def inside(space, function):
    """Do something in a namespace: only the thread enters it, and ends there."""

    def enter():
        with Path(f"/proc/{space.process.pid}/ns/net").open(encoding="ascii") as file:
            assert ctypes.CDLL(None).setns(file.fileno(), 0) == 0
        return function()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(enter).result()


def bound(*ports, address="0.0.0.0"):
    sockets = []
    for port in ports:
        sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sockets[-1].bind((address, port))
        sockets[-1].setblocking(False)
    return sockets


class Lab:
    """A client, a router and a server."""

    def __init__(self, variant):
        self.spaces = [Namespace(variant) for _number in range(3)]
        self.client, self.router, self.server = self.spaces

    def connect(self):
        for name, peer in (("client", self.client), ("server", self.server)):
            link = ["ip", "link", "add", name, "type", "veth", "peer", "name", "eth0"]
            self.do(self.router, *link, "netns", str(peer.process.pid))
        self.address(self.router, "client", ROUTER)
        self.address(self.router, "server", "10.2.0.1")
        self.address(self.client, "eth0", *CLIENTS)
        self.address(self.server, "eth0", SERVER)
        self.do(self.client, "ip", "route", "add", "default", "via", ROUTER)
        self.do(self.server, "ip", "route", "add", "default", "via", "10.2.0.1")
        self.do(self.router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        self.receivers = {
            (address, one.getsockname()[1]): one
            for address, space in ((SERVER, self.server), (ROUTER, self.router))
            for one in inside(space, lambda: bound(*PORTS, OTHER))
        }

    def address(self, space, link, *addresses):
        for address in addresses:
            self.do(space, "ip", "address", "add", f"{address}/24", "dev", link)
        self.do(space, "ip", "link", "set", link, "up")

    def do(self, space, *argv, stdin=""):
        status, output, errors = space.run(list(argv), stdin)
        assert status == 0, (argv, errors, stdin)
        return output

    def load(self, saved, native):
        self.do(self.router, "iptables-restore", stdin=saved)
        if native:
            self.do(self.router, "nft", "-f", "-", stdin=native)

    def clear(self):
        self.do(self.router, "nft", "flush", "ruleset")

    def close(self):
        for space in self.spaces:
            space.close()


@contextlib.contextmanager
def connected(variant):
    """The three networks with a variant of iptables, or the test is skipped for what is missing here."""
    missing = [name for name in ("unshare", "nft", f"iptables-{variant}") if not shutil.which(name, path=SBIN)]
    if missing:
        pytest.skip(f"missing: {', '.join(missing)}")
    made = Lab(variant)
    try:
        if not all(space.ready for space in made.spaces):
            pytest.skip("missing: the right to make a network namespace (run as root)")
        made.connect()
        yield made
    finally:
        made.close()
