"""Writes the index files of a repository: a flat one, or one of dists and pool."""

from __future__ import annotations

import gzip
import re
import subprocess
from pathlib import Path

SUITE = "stable"


def write_index(generation_folder: Path) -> None:
    """Write Packages, Packages.gz and Release into `generation_folder`/stable, for `deb URL stable/`."""
    suite = generation_folder / SUITE
    packages = _apt_ftparchive(generation_folder, "packages", SUITE)
    (suite / "Packages").write_bytes(packages)
    (suite / "Packages.gz").write_bytes(gzip.compress(packages, mtime=0))
    origin = "jitsi.org", "Jitsi Debian packages repository (stand-in)"
    description = f"Stand-ins for Jitsi's packages, generation {generation_folder.name}"
    _write_release(suite, *origin, SUITE, f"Description={description}")


def write_dists(folder: Path, suite: str) -> None:
    """Write what `deb URL SUITE main` reads, for the packages in `folder`/pool."""
    packages = _apt_ftparchive(folder, "packages", "pool")
    architectures = sorted(set(re.findall(r"(?m)^Architecture: (\S+)$", packages.decode())))
    for architecture in architectures:
        place = folder / "dists" / suite / "main" / f"binary-{architecture}"
        place.mkdir(parents=True)
        (place / "Packages").write_bytes(packages)
    origin = "packages.prosody.im", "Prosody Debian packages repository (stand-in)"
    _write_release(folder / "dists" / suite, *origin, suite, f"Codename={suite}", "Components=main")


def _write_release(place: Path, origin: str, label: str, suite: str, *fields: str) -> None:
    given = (f"Origin={origin}", f"Label={label}", f"Suite={suite}", "Architectures=all amd64 arm64", *fields)
    options = [f"-oAPT::FTPArchive::Release::{field}" for field in given]
    sums = [f"-oAPT::FTPArchive::Release::{name}=false" for name in ("MD5", "SHA1")]
    (place / "Release").write_bytes(_apt_ftparchive(place, *options, *sums, "release", "."))


def _apt_ftparchive(folder: Path, *arguments: str) -> bytes:
    command = ["apt-ftparchive", "-qq", *arguments]
    return subprocess.run(command, check=True, cwd=folder, stdout=subprocess.PIPE).stdout
