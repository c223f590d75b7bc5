# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network namespaces that are thrown away, each with one variant of iptables, and what the tests ask in them."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.iptables import TABLES
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import parse_request
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import apply as forwarding
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import netlink as conntrack
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import rollback

#: How the module opens a socket to the kernel's connections, in the network that it runs in.
REAL_SOCKET = conntrack.open_socket
SBIN = f"{os.environ['PATH']}:/usr/local/sbin:/usr/sbin:/sbin"
WEB = {"protocol": "tcp", "port": "443", "to": "192.168.122.100"}


class Namespace:
    """A network namespace of its own, with one variant of iptables."""

    def __init__(self, variant):
        self.variant = variant
        self.process = subprocess.Popen(
            ["unshare", "-n", "sh", "-c", "echo ready; exec sleep 600"], stdout=subprocess.PIPE
        )
        self.ready = self.process.stdout.readline() == b"ready\n"

    def run(self, argv, stdin=""):
        """Run a command inside; this is also the Runner that the shell wants."""
        program = re.sub(r"\Aiptables(?!-(?:nft|legacy))", f"iptables-{self.variant}", argv[0])
        done = subprocess.run(
            ["nsenter", f"--net=/proc/{self.process.pid}/ns/net", program, *argv[1:]],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            env={"PATH": SBIN, "LC_ALL": "C"},
            check=False,
        )
        if done.returncode == 127 and "failed to execute" in done.stderr:
            raise FileNotFoundError(program)
        return done.returncode, done.stdout, done.stderr

    def iptables(self, *arguments):
        status, _output, errors = self.run(["iptables", *arguments])
        assert status == 0, errors

    def load(self, text):
        status, _output, errors = self.run(["iptables-restore", "--noflush"], text)
        assert status == 0, errors

    def save(self):
        """Both tables as lines, without the comments, which hold the time."""
        texts = [self.run(["iptables-save", "-t", table])[1] for table in TABLES]
        return [line for text in texts for line in text.split("\n") if not line.startswith("#")]

    def chain(self, chain):
        return [line for line in self.save() if line.startswith(f"-A {chain} ")]

    def open_conntrack(self):
        """Open a socket to the connections that the kernel tracks inside."""

        def enter():
            with Path(f"/proc/{self.process.pid}/ns/net").open(encoding="ascii") as file:
                assert ctypes.CDLL(None).setns(file.fileno(), 0) == 0
            return REAL_SOCKET()

        # Only the thread enters, and ends there.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(enter).result()

    def close(self):
        self.process.kill()
        self.process.communicate()


def ask(*forwards, name="j", **changes):
    right = {"name": name, "public_address": "198.51.100.10", "network": "192.168.122.0/24"}
    return parse_request({**right, "forwards": forwards, **changes})


def carry_out(name, *arguments, **options):
    """What a run does, with the lock that a run holds."""
    with rollback.settled_lock(name):
        return forwarding.carry_out(name, *arguments, **options)


def confirm(name, token):
    """What the run does that confirms."""
    with rollback.settled_lock(name, token):
        rollback.disarm(name, token)


def forward(namespace, *forwards, check_mode=False, **changes):
    """Ask for the forwards; returns whether that changed anything."""
    request = ask(*forwards, **changes)
    return carry_out(request.name, request, namespace.run, check_mode).changed


def remove(namespace, check_mode=False):
    return carry_out("j", None, namespace.run, check_mode).changed


def wait_for(question):
    deadline = time.monotonic() + 30
    while not question() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert question()
