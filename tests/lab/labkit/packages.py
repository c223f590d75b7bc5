"""The stand-in Jitsi repository: built once for each state of its sources."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from .command import run
from .settings import Settings

SOURCES = Path(__file__).resolve().parents[1] / "repository"


def _state_of_sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in SOURCES.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        digest.update(str(path.relative_to(SOURCES)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def ensure(settings: Settings, say) -> None:
    """Build all generations when they are missing or their sources changed."""
    stamp = settings.packages / "sources.sha256"
    current = _state_of_sources()
    if stamp.exists() and stamp.read_text() == current:
        return
    say("building the stand-in Jitsi packages")
    settings.packages.mkdir(parents=True, exist_ok=True)
    keys = settings.state / "signing"
    keys.mkdir(mode=0o700, exist_ok=True)
    build = (sys.executable, SOURCES / "build.py", "--generation", "all")
    run(*build, "--output", settings.packages, "--key-home", keys)
    stamp.write_text(current)
