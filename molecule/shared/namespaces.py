"""Programs of this machine in the network of one of the lab's containers: they need nothing installed."""

from __future__ import annotations

import os
import subprocess


def inside(role, command):
    """The command that runs a command in the network namespace of a machine."""
    name = f"{os.environ.get('JITSI_LAB_NAME', 'jitsi-lab')}-{role}"
    ask = ["podman", "inspect", "--format", "{{.State.Pid}}", name]
    pid = subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()
    return ["nsenter", "--target", pid, "--net", *command]
