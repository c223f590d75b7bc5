"""Where a lab keeps its things and how it is called."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
FILES = Path(__file__).resolve().parents[1] / "files"
SUITES = ("bookworm", "trixie")


class LabError(Exception):
    """Something that a person has to put right; the text says what."""


@dataclass(frozen=True)
class Settings:
    """One lab, taken from the environment so that Molecule, make and a person say it alike."""

    name: str
    suite: str
    state: Path

    @property
    def ssh_config(self) -> Path:
        """The file that reaches every machine of the lab."""
        return self.state / "ssh_config"

    @property
    def packages(self) -> Path:
        """The folder that packages.test serves."""
        return self.state / "packages"


def from_environment() -> Settings:
    """Read JITSI_LAB_NAME, JITSI_LAB_SUITE and JITSI_LAB_STATE."""
    name = os.environ.get("JITSI_LAB_NAME") or "jitsi-lab"
    suite = os.environ.get("JITSI_LAB_SUITE") or "bookworm"
    if suite not in SUITES:
        raise LabError(f"JITSI_LAB_SUITE is {suite!r}, but the lab knows only {', '.join(SUITES)}")
    state = os.environ.get("JITSI_LAB_STATE") or CHECKOUT / ".build" / "lab" / name
    return Settings(name=name, suite=suite, state=Path(state))
