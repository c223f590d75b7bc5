"""How a person, Ansible and the tests reach the machines: one key, one ssh_config, pinned host keys."""

from __future__ import annotations

import json
import os
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .command import run, succeeds
from .containers import Containers
from .settings import Settings
from .topology import HOST, INTERNET, MACHINES, Machine

LOGIN = "admin"
HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub"


def ensure_key(settings: Settings) -> str:
    """The lab's own key pair, made once for each clone; returns the public key."""
    private = settings.state / "id_ed25519"
    if not private.exists():
        settings.state.mkdir(parents=True, exist_ok=True)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", settings.name, "-f", private)
    return private.with_suffix(".pub").read_text().strip()


def authorize(containers: Containers, machine: Machine) -> None:
    folder = f"/home/{LOGIN}/.ssh"
    allow = f"cat > {folder}/authorized_keys && chown -R {LOGIN}:{LOGIN} {folder}"
    containers.execute(machine, "sh", "-c", allow, stdin=containers.key + "\n")


def close_connections() -> None:
    """End the connections that Ansible keeps open: the next machine of the same name is another one."""
    folder = os.environ.get("ANSIBLE_SSH_CONTROL_PATH_DIR")
    for socket in Path(folder).iterdir() if folder else ():
        if socket.is_socket():
            succeeds("ssh", "-o", f"ControlPath={socket}", "-O", "exit", "lab")


def _own_addresses(containers: Containers, *machines: Machine) -> dict[Machine, str]:
    entries = json.loads(containers.podman("inspect", *(containers.name(machine) for machine in machines)))
    found = [entry["NetworkSettings"]["Networks"]["podman"]["IPAddress"] for entry in entries]
    return dict(zip(machines, found, strict=True))


def write(containers: Containers) -> None:
    """Write ssh_config and known_hosts; the names in them do not depend on the lab's own name."""
    settings = containers.settings
    known, blocks = [], []
    addresses = _own_addresses(containers, HOST, INTERNET)
    with ThreadPoolExecutor(max_workers=len(MACHINES)) as pool:
        keys = list(pool.map(lambda machine: containers.execute(machine, "cat", HOST_KEY), MACHINES))
    for machine, host_key in zip(MACHINES, keys, strict=True):
        alias = f"jitsi-lab-{machine.role}"
        kind, key = host_key.split()[:2]
        known.append(f"{alias} {kind} {key}")
        lines = [f"Host {alias}", f"  HostKeyAlias {alias}"]
        if machine in addresses:
            lines.append(f"  HostName {addresses[machine]}")
        else:
            # ProxyJump would do, but passes the name of this file on unquoted.
            jump = f"ssh -F {shlex.quote(str(settings.ssh_config))} -W %h:%p jitsi-lab-host"
            lines += [f"  HostName {machine.guest_address}", f"  ProxyCommand {jump}"]
        blocks.append("\n".join(lines))
    general = [
        "Host *",
        f"  User {LOGIN}",
        f'  IdentityFile "{settings.state / "id_ed25519"}"',
        "  IdentitiesOnly yes",
        f'  UserKnownHostsFile "{settings.state / "known_hosts"}"',
        "  StrictHostKeyChecking yes",
        "  LogLevel ERROR",
        # A connection that is kept open notices that its machine was replaced, and lives on where it is only slow.
        "  ServerAliveInterval 2",
        "  ServerAliveCountMax 8",
    ]
    (settings.state / "known_hosts").write_text("\n".join(known) + "\n")
    settings.ssh_config.write_text("\n\n".join([*blocks, "\n".join(general)]) + "\n")
