# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written on a host so that its forwards come back after a boot, without Ansible.

A unit of systemd runs the very code of the module on what each owner asked for. Whatever puts rules of its own above
ours, or flushes ours, pulls the unit in when it starts; a hook of libvirt does so when a network starts, a drop-in when
nftables reloads, and a second unit when firewalld reloads, for older versions flush everybody's rules then.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any, Collection, Mapping

from ..outcome import Outcome
from .request import EVERYONE, Forward, ForwardError, Request, parse_request

REQUESTS = "/etc/port-forwards"
LIBRARY = "/usr/local/lib/port-forwards"
PACKAGE = "port_forwards"
UNIT = "port-forwards.service"
UNIT_FILE = f"/etc/systemd/system/{UNIT}"
WATCH = "port-forwards-firewalld.service"
WATCH_FILE = f"/etc/systemd/system/{WATCH}"
#: The units that systemd shall start, with their files.
UNITS = {UNIT: UNIT_FILE, WATCH: WATCH_FILE}
#: The header of the kept files in a diff, where all of them are one text.
KEPT_FILES = "files"
FIREWALLD = "/etc/firewalld"
LIBVIRT = "/etc/libvirt"
NFTABLES = "/etc/nftables.conf"
RELOAD_FILE = "/etc/systemd/system/nftables.service.d/port-forwards.conf"
HOOK = f"{LIBVIRT}/hooks/network.d/port-forwards"
#: What a host has that has a program which may take our rules away, and the file of ours for it.
PROGRAMS = {LIBVIRT: HOOK, FIREWALLD: WATCH_FILE, NFTABLES: RELOAD_FILE}

_PULLED_IN_BY = (
    "libvirtd.service",
    "virtnetworkd.service",
    "docker.service",
    "firewalld.service",
    "ufw.service",
    "nftables.service",
    "netfilter-persistent.service",
)
_UNIT_TEXT = f"""\
# Managed by Ansible: selfhosted.jitsi.port_forwards. It puts the forwards of {REQUESTS} in force.
[Unit]
Description=Forward ports to guests
Documentation=man:iptables(8)
# Each of these puts rules above ours, or flushes ours, when it starts; then this runs again.
After=network.target {" ".join(_PULLED_IN_BY)}
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/usr/bin/env python3 -B {LIBRARY}
# A network that starts meanwhile has it run again.
SuccessExitStatus=SIGTERM

[Install]
WantedBy=multi-user.target {" ".join(_PULLED_IN_BY)}
"""
_WATCH_TEXT = f"""\
# Managed by Ansible: selfhosted.jitsi.port_forwards. It puts the forwards back when firewalld has reloaded.
[Unit]
Description=Put the forwards back when firewalld reloads
BindsTo=firewalld.service
After=firewalld.service dbus.service

[Service]
# A line comes for each reload.
ExecStart=/bin/sh -c 'busctl --system --json=short monitor \\
    --match="type=signal,interface=org.fedoraproject.FirewallD1,member=Reloaded" \\
    | while read -r line; do systemctl --no-block restart {UNIT}; done'
Restart=on-failure

[Install]
WantedBy=firewalld.service
"""
_RELOAD_TEXT = f"""\
# Managed by Ansible: selfhosted.jitsi.port_forwards. A reload of nftables flushes everybody's rules.
[Service]
ExecReload=-/bin/systemctl --no-block restart {UNIT}
"""
_HOOK_TEXT = f"""\
#!/bin/sh
# Managed by Ansible: selfhosted.jitsi.port_forwards. libvirt calls it with a network's name and what became of it.
# A hook that fails or waits would keep the network from starting, so this one does neither.
if [ "$2" = started ]; then
    # A "start" would be lost while the unit still runs.
    systemctl --no-block restart {UNIT} || :
fi
exit 0
"""
_MAIN_TEXT = f"""\
# Managed by Ansible: selfhosted.jitsi.port_forwards.
import sys

from {PACKAGE}._shell.forwards.reapply import main

sys.exit(main())
"""


@dataclass(frozen=True)
class File:
    """A file as it is or shall be."""

    text: str
    mode: int = 0o644


#: Files by their paths; a path without a file stands for one that is not there.
Files = Mapping[str, "File | None"]


def request_file(name: str) -> str:
    """Return where an owner's request is kept."""
    return posixpath.join(REQUESTS, f"{name}.json")


def shared_files(sources: Mapping[str, str], programs: Collection[str]) -> dict[str, File]:
    """Return the files that all owners share.

    :param sources: the code, by its path below the package.
    :param programs: those of PROGRAMS that the host has.
    """
    files = {f"{LIBRARY}/{PACKAGE}/{path}": File(text) for path, text in sources.items()}
    files[f"{LIBRARY}/__main__.py"] = File(_MAIN_TEXT)
    files[UNIT_FILE] = File(_UNIT_TEXT)
    texts = {WATCH_FILE: File(_WATCH_TEXT), HOOK: File(_HOOK_TEXT, 0o755), RELOAD_FILE: File(_RELOAD_TEXT)}
    return {**files, **{path: texts[path] for program, path in PROGRAMS.items() if program in programs}}


def plan(name: str, request: Request | None, shared: Files, found: Files, others: bool) -> Outcome[Files]:
    """Decide which files shall be there.

    :param request: what shall come back after a boot; None for nothing.
    :param shared: what :func:`shared_files` returned.
    :param found: what is there now, for all of these paths and for the owner's own.
    :param others: whether other owners have forwards that come back.
    """
    own = request_file(name)
    after: dict[str, File | None] = dict(found)
    after[own] = File(dump(request)) if request else None
    if request or not others:
        after.update({path: file if request else None for path, file in shared.items()})
    return Outcome(dict(found), after)


def order(after: Files) -> tuple[list[str], list[str]]:
    """Return the paths in the order in which they are made what they shall be, and those that wait for all else.

    A request says that there is something to remove. So it is written first and removed last: when a run is killed,
    the next one sees what is left.
    """
    requests = [path for path in after if posixpath.dirname(path) == REQUESTS]
    written = [path for path in requests if after[path]]
    # The units after what they run.
    rest = sorted(after.keys() - set(requests), key=lambda path: (path in UNITS.values(), path))
    return written + rest, [path for path in requests if not after[path]]


def describe(files: Files) -> str:
    """Return text for a diff; of our own code only that it is there, and which."""
    there = {path: file for path, file in files.items() if file}
    code = {path: file for path, file in there.items() if path.startswith(LIBRARY)}
    parts = [f"# {path}, mode {file.mode:04o}\n{file.text}" for path, file in there.items() if path not in code]
    if code:
        digest = hashlib.sha256(repr(sorted(code.items())).encode("utf-8", "surrogateescape")).hexdigest()
        parts.append(f"# {LIBRARY}\n({len(code)} files of the collection's own code, sha256 {digest[:16]})\n")
    return "".join(parts)


def dump(request: Request) -> str:
    """Return a request as it is kept."""
    forwards = [_as_parameters(forward) for forward in request.forwards]
    parameters = {
        "name": request.name,
        "public_address": str(request.public_address),
        "network": str(request.network),
        "hairpin": request.hairpin,
        "masquerade": request.masquerade,
        "forwards": forwards,
    }
    if request.purpose:
        parameters["purpose"] = request.purpose
    return json.dumps(parameters, indent=2, ensure_ascii=False) + "\n"


def _as_parameters(forward: Forward) -> dict[str, Any]:
    item: dict[str, Any] = {"protocol": forward.protocol, "port": str(forward.ports), "to": str(forward.to)}
    if forward.to_ports != forward.ports:
        item["to_port"] = str(forward.to_ports)
    if forward.sources != (EVERYONE,):
        item["sources"] = [_as_text(source) for source in forward.sources]
    if forward.comment:
        item["comment"] = forward.comment
    return item


def _as_text(source: IPv4Network) -> str:
    return str(source.network_address) if source.prefixlen == 32 else str(source)


def load(text: str) -> Request:
    """Read a request that was kept.

    :raises ForwardError: if it is none.
    """
    try:
        return parse_request({**json.loads(text), "allow_ssh": True})
    except ForwardError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ForwardError(f"the file is not valid ({error}); run the playbook again to rewrite it") from error
