# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection as for a release, and have Galaxy's own importer judge the result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

#: ansible-lint judges the whole tree in a part of its own.
SETTINGS = {"GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "False"}


def main() -> int:
    """Return the importer's exit code."""
    with TemporaryDirectory() as folder:
        subprocess.run(["ansible-galaxy", "collection", "build", "--output-path", folder], check=True)
        artefact = next(Path(folder).glob("*.tar.gz"))
        command = [sys.executable, "-m", "galaxy_importer.main", artefact.name]
        return subprocess.run(command, cwd=folder, env={**os.environ, **SETTINGS}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
