"""Run commands, and show what they said when they fail."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from .errors import LabError


def run(*arguments: object, stdin: str | bytes | None = None, environment: Mapping[str, str] | None = None) -> str:
    """Run a command to its end and return its standard output.

    :raises LabError: when it does not exit with 0; the text holds the command and its last lines.
    """
    words = [str(word) for word in arguments]
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(words, input=data, env=environment, capture_output=True, check=False)
    if done.returncode:
        said = (done.stderr + done.stdout).decode(errors="replace").strip().splitlines()
        tail = "\n  ".join(said[-15:])
        raise LabError(f"{' '.join(words)} exited with {done.returncode}:\n  {tail}")
    return done.stdout.decode(errors="replace")


def succeeds(*arguments: object, environment: Mapping[str, str] | None = None) -> bool:
    """Whether a command exits with 0."""
    words = [str(word) for word in arguments]
    return subprocess.run(words, env=environment, capture_output=True, check=False).returncode == 0
