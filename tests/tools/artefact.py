# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command with the collection as a user has it: built, installed, and beside nothing but what README.md names.

    artefact.py COMMAND [ARGUMENT ...]

The commands of Ansible come from a virtual environment of their own, and find no other file of the collection.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from shutil import rmtree, which

TOOLS = Path(__file__).resolve().parent
TREE = Path(os.environ["JITSI_TREE"])
BUILD = TOOLS.parents[1] / ".build"
NAME = "selfhosted.jitsi"
#: As README.md says it; the releases are those that the tests run with.
NEEDED = ["ansible-core>=2.19", "netaddr"]


def main() -> int:
    """Return the command's exit code."""
    folder = BUILD / "artefact"
    rmtree(folder, ignore_errors=True)
    environment = {**os.environ, **_controller(folder / "venv"), **_collections(folder)}
    for name in ("PYTHONPATH", "PYTHONHOME"):
        environment.pop(name, None)
    _install(folder, environment)
    command = sys.argv[1:]
    # The command itself is one of the tests' environment.
    return subprocess.run([which(command[0]) or command[0], *command[1:]], env=environment, check=False).returncode


def _controller(folder: Path) -> dict[str, str]:
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "pip"), "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--constraint", str(TOOLS / "requirements.txt"), *NEEDED], check=True)
    return {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def _collections(folder: Path) -> dict[str, str]:
    return {"ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}


def _install(folder: Path, environment: dict[str, str]) -> None:
    """Build the artefact, install it, and see that Ansible finds this one and no other."""

    def galaxy(*words: str) -> str:
        command = ["ansible-galaxy", "collection", *words]
        return subprocess.run(command, cwd=TREE, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout

    galaxy("build", "--output-path", str(folder))
    (artefact,) = folder.glob("*.tar.gz")
    galaxy("install", "--offline", str(artefact))
    found = json.loads(galaxy("list", NAME, "--format", "json"))
    assert list(found) == [str(folder / "collections" / "ansible_collections")], found


if __name__ == "__main__":
    sys.exit(main())
