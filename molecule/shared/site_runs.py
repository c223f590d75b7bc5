"""Further runs of the site's playbook, from within a test."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

TREE = Path(os.environ["JITSI_TREE"])


def site(*options, playbook="selfhosted.jitsi.site", generation="current"):
    """Run a playbook on the lab; return its exit code and what it said, in one line."""
    environment = {
        **os.environ,
        "ANSIBLE_FORCE_COLOR": "false",
        "NO_COLOR": "1",
        "JITSI_LAB_GENERATION": generation,
    }
    inventories = [f"--inventory={TREE}/inventory/lab"]
    own = Path(os.environ.get("MOLECULE_SCENARIO_DIRECTORY", "")) / "inventory"
    if own.is_dir() and own.is_absolute():
        inventories.append(f"--inventory={own}")
    command = ["ansible-playbook", *inventories, playbook, *options]
    done = subprocess.run(command, env=environment, cwd=TREE, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def changed(said):
    """Whether a run changed anything."""
    return bool(re.search(r"changed=[1-9]", said))
