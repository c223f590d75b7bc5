"""Playbooks of the collection, run as a user runs them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

TREE = Path(os.environ["JITSI_TREE"])


def play(name, *options, packages="current"):
    """Run a playbook on the Jitsi machine alone; return its exit code and what it said, in one line."""
    return _run(name, "--limit=jitsi-lab-jitsi", *options, JITSI_LAB_GENERATION=packages)


def check():
    """Run selfhosted.jitsi.check on all machines; return its exit code and what it said, in one line."""
    return _run("check")


def _run(name, *options, **more):
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1", **more}
    command = ["ansible-playbook", f"--inventory={TREE}/inventory/lab", f"selfhosted.jitsi.{name}", *options]
    done = subprocess.run(command, env=environment, cwd=TREE, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())
