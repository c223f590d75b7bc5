"""Further runs of the site's playbook, from within a test."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

TREE = Path(os.environ["JITSI_TREE"])
LAB = TREE / "inventory" / "lab"


def run_playbook(playbook, inventories, *options, **environment):
    """Run a playbook; return its exit code and all that it said."""
    command = ["ansible-playbook", *(f"--inventory={path}" for path in inventories)]
    done = subprocess.run(
        [*command, playbook, *options],
        env={**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1", **environment},
        cwd=TREE,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def in_one_line(result):
    """An exit code, and what was said with every gap as one blank."""
    code, said = result
    return code, " ".join(said.split())


def site(*options, playbook="selfhosted.jitsi.site", generation="current"):
    """Run a playbook on the lab; return its exit code and what it said, in one line."""
    inventories = [LAB]
    own = Path(os.environ.get("MOLECULE_SCENARIO_DIRECTORY", "")) / "inventory"
    if own.is_dir() and own.is_absolute():
        inventories.append(own)
    return in_one_line(run_playbook(playbook, inventories, *options, JITSI_LAB_GENERATION=generation))


def changed(said):
    """Whether a run changed anything."""
    return bool(re.search(r"changed=[1-9]", said))
