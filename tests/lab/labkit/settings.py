"""Where a lab keeps its things and how it is called."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from . import repository
from .errors import LabError

CHECKOUT = Path(__file__).resolve().parents[3]
FILES = Path(__file__).resolve().parents[1] / "files"
SUITES = ("bookworm", "trixie")


@dataclass(frozen=True)
class Settings:
    """One lab, taken from the environment so that Molecule, make and a person say it alike."""

    name: str
    suite: str
    state: Path
    #: What stands where the stand-ins would; None means these.
    repository: repository.Repository | None = None

    @property
    def ssh_config(self) -> Path:
        """The file that reaches every machine of the lab."""
        return self.state / "ssh_config"

    @property
    def packages(self) -> Path:
        """The folder that packages.test serves."""
        return self.state / "packages"

    @property
    def repository_facts(self) -> Path:
        """What inventory/lab tells the machines of their repository."""
        return self.state / "repository.json"


def from_environment(with_repository: bool = True) -> Settings:
    """Read JITSI_LAB_NAME, JITSI_LAB_SUITE, JITSI_LAB_STATE and JITSI_LAB_REPOSITORY with what belongs to it."""
    name = os.environ.get("JITSI_LAB_NAME") or "jitsi-lab"
    suite = os.environ.get("JITSI_LAB_SUITE") or "bookworm"
    if suite not in SUITES:
        raise LabError(f"JITSI_LAB_SUITE is {suite!r}, but the lab knows only {', '.join(SUITES)}")
    state = os.environ.get("JITSI_LAB_STATE") or CHECKOUT / ".build" / "lab" / name
    chosen = repository.from_environment() if with_repository else None
    return Settings(name=name, suite=suite, state=Path(state), repository=chosen)
