"""Writes the index files of a flat repository."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

SUITE = "stable"


def write_index(generation_folder: Path) -> None:
    """Write Packages, Packages.gz and Release into `generation_folder`/stable, for `deb URL stable/`."""
    suite = generation_folder / SUITE
    packages = _apt_ftparchive(generation_folder, "packages", SUITE)
    (suite / "Packages").write_bytes(packages)
    (suite / "Packages.gz").write_bytes(gzip.compress(packages, mtime=0))
    release = {
        "Origin": "jitsi.org",
        "Label": "Jitsi Debian packages repository (stand-in)",
        "Suite": SUITE,
        "Architectures": "all amd64 arm64",
        "Description": f"Stand-ins for Jitsi's packages, generation {generation_folder.name}",
    }
    options = [f"-oAPT::FTPArchive::Release::{name}={value}" for name, value in release.items()]
    sums = [f"-oAPT::FTPArchive::Release::{name}=false" for name in ("MD5", "SHA1")]
    (suite / "Release").write_bytes(_apt_ftparchive(suite, *options, *sums, "release", "."))


def _apt_ftparchive(folder: Path, *arguments: str) -> bytes:
    command = ["apt-ftparchive", "-qq", *arguments]
    return subprocess.run(command, check=True, cwd=folder, stdout=subprocess.PIPE).stdout
