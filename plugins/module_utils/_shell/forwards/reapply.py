# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the unit port-forwards.service runs: put the forwards of every owner in force again."""

from __future__ import annotations

import os
import sys

from ..._core.forwards import persistence
from ..._core.forwards.request import ForwardError
from ..commands import CommandError, try_call
from ..commands import run as run_command
from . import conntrack as flows
from . import requests, rollback
from .apply import Done, carry_out

_FORWARDING = "/proc/sys/net/ipv4/ip_forward"
_LIBVIRT_SECONDS = "60"


def main() -> int:
    """Go through all owners; one whose forwards fail is named and keeps no other from having its own.

    :returns: the exit status.
    """
    _wait_for_libvirt()
    problems = [problem for problem in (_forward_ipv4(), *map(_reapply, requests.files())) if problem]
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def _wait_for_libvirt() -> None:
    """Systemd counts libvirt as started before it has put its rules in place; it answers when it has."""
    for service in ("libvirtd.service", "virtnetworkd.service"):
        # To ask one that does not run would start it.
        if run_command(["systemctl", "is-active", "--quiet", service], "")[0] == 0:
            try_call(run_command, ["timeout", _LIBVIRT_SECONDS, "virsh", "--connect", "network:///system", "net-list"])


def _forward_ipv4() -> str:
    """Switch forwarding on where a later file of sysctl.d switched it off; return what went wrong."""
    try:
        with open(_FORWARDING, "r+", encoding="ascii") as file:
            if file.read().strip() != "1":
                file.seek(0)
                file.write("1\n")
    except OSError as error:
        return f"Cannot enable IPv4 forwarding: {error}"
    return ""


def _reapply(path: str) -> str:
    """Put one owner's forwards in force; return what went wrong."""
    name = os.path.splitext(os.path.basename(path))[0]
    try:
        # Whoever held the lock may have kept another request, or none.
        with rollback.settled_lock(name):
            done = _carry_out_stored(path)
    except (OSError, UnicodeDecodeError, ForwardError, CommandError) as error:
        return f"Cannot apply the forwards of {path}: {error}"
    if done and done.changed:
        sys.stdout.write(f"applied the forwards of {path}\n")
    for note in (*(done.notes if done else ()), *flows.forget_owed(name, run_command)):
        sys.stdout.write(f"{path}: {note}\n")
    return ""


def _carry_out_stored(path: str) -> Done | None:
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        request = persistence.load(file.read())
    # At a boot forwards that partly work are better than none.
    return carry_out(request.name, request, run_command, strict=False)
