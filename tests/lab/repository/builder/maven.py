"""Fetches libraries from Maven Central, where a machine reaches it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

#: A machine without a way out is told so by then.
SECONDS = 600


class MavenError(RuntimeError):
    """The libraries cannot be had here; the text says why, in a line."""


def fetch(pom: Path, folder: Path) -> None:
    """Put the libraries that a pom.xml names, and those that they need, into a folder.

    :raises MavenError: when maven is not installed, or has not all of them.
    """
    if shutil.which("mvn") is None:
        raise MavenError("maven is not installed")
    command = ["mvn", "--batch-mode", "--quiet", "--file", str(pom)]
    command += ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise MavenError(f"maven was not done after {SECONDS} s") from None
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()] or ["nothing"]
        raise MavenError(f"maven said: {said[0].strip()}")
