"""What packages.test serves: the stand-ins, built once for each state of their sources, or somebody's repository."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from .command import run
from .repository import KEY_NAME, SERVED, Repository
from .settings import Settings

SOURCES = Path(__file__).resolve().parents[1] / "repository"


def _state_of_sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in SOURCES.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        digest.update(str(path.relative_to(SOURCES)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _empty(folder: Path) -> None:
    """The folder itself stays, for a container may have it mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _build_stand_ins(settings: Settings, say: Callable[[str], None]) -> None:
    say("building the stand-in Jitsi packages")
    keys = settings.state / "signing"
    keys.mkdir(mode=0o700, exist_ok=True)
    build = (sys.executable, SOURCES / "build.py", "--generation", "all")
    run(*build, "--output", settings.packages, "--key-home", keys)
    if why := _bridge_lacks(settings):
        say(f"today's bridge is a stand-in, for Jitsi's parts of it cannot be had: {why}")


def _serve(repository: Repository, target: Path) -> None:
    """What goes along with somebody's repository: a place to mount its folder at, and its key."""
    (target / "repository").mkdir(exist_ok=True)
    if isinstance(repository.key, Path):
        shutil.copyfile(repository.key, target / KEY_NAME)
    (target / "fingerprint").write_text("\n".join(repository.fingerprints) + "\n")


def _facts(settings: Settings) -> dict[str, object]:
    """What inventory/lab has to know. The stand-ins' URI gets the name of a generation."""
    chosen = settings.repository
    return {
        "stand_ins": chosen is None,
        "uri": chosen.uri if chosen else SERVED,
        "key_url": chosen.key_url if chosen else f"{SERVED}/{KEY_NAME}",
        "fingerprints": (settings.packages / "fingerprint").read_text().split(),
        "bridge_lacks": "" if chosen else _bridge_lacks(settings),
    }


def _bridge_lacks(settings: Settings) -> str:
    """Why the bridge of today is a stand-in, and not made of Jitsi's own parts; empty if it is."""
    return (settings.packages / "bridge").read_text().strip()


def ensure(settings: Settings, say: Callable[[str], None]) -> None:
    """Have what packages.test serves; of what another repository left there, nothing stays."""
    chosen = settings.repository
    stamp = settings.packages / "sources.sha256"
    wanted = str(chosen) if chosen else _state_of_sources()
    if not stamp.exists() or stamp.read_text() != wanted:
        _empty(settings.packages)
        if not chosen:
            _build_stand_ins(settings, say)
        stamp.write_text(wanted)
    if chosen:
        say(f"Jitsi's packages come from {chosen}")
        _serve(chosen, settings.packages)
    settings.repository_facts.write_text(json.dumps(_facts(settings)) + "\n")
