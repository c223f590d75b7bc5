"""Commands of the lab, from within a test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LAB = Path(os.environ["JITSI_TREE"]) / "tests" / "lab" / "lab.py"


def lab(*words):
    """Run a command of the lab, which has to go well."""
    command = [sys.executable, str(LAB), *(str(word) for word in words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
