"""Install what this machine lacks: Debian packages for missing commands, and the controller's Python packages.

For the documentation alone it needs no root, unless Python itself lacks a package of Debian.

Everything of ours is below .build in the checkout; the Debian packages stay, as any that a person installs.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
BUILD = TOOLS.parents[1] / ".build"
VENV = BUILD / "venv"
LINT = BUILD / "lint"
NEWEST_CORE = BUILD / "newest-core"
DOCS = BUILD / "docs" / "venv"
#: Newest first: the Pythons that can run the newest ansible-core.
NEWEST_PYTHONS = ("3.14", "3.13", "3.12")

#: A command or a file, and the package that brings it.
LAB = {
    "podman": "podman",
    "runc": "runc",
    "iptables": "iptables",
    "netavark": "netavark",
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "ssh": "openssh-client",
    "dpkg-deb": "dpkg",
    "apt-ftparchive": "apt-utils",
    "gpg": "gnupg",
    "javac": "default-jdk-headless",
    "/usr/share/java/typesafe-config.jar": "libtypesafe-config-java",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
}
TESTS = {
    "openssl": "openssl",
    "nft": "nftables",
    "unshare": "util-linux",
    "/usr/lib/python3/dist-packages/apt/__init__.py": "python3-apt",
}
#: Without it the lab's bridge is a stand-in, and the lab says so.
OPTIONAL_LAB = {"mvn": "maven"}
#: Without one of these its tests are skipped, and say so.
OPTIONAL_TESTS = {
    "node": "nodejs",
    "chromedriver": "chromium-driver",
    "tshark": "tshark",
    "hocon": "ruby-hocon",
    "apache2": "apache2-bin",
    "curl": "curl",
    "pebble": "pebble",
    "certbot": "certbot",
}

#: Programs here end soon and fork often: looking for garbage, and the copies of pages that it causes, cost a tenth.
QUICK = "import gc; gc.set_threshold(100_000, 50, 50)\n"
#: Where commands live that an account's PATH may leave out.
SEARCH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/lib/podman", "/usr/libexec/podman"))


def _missing(needs: dict[str, str]) -> list[str]:
    """The packages of those needs that are not met."""
    unmet = [need for need in needs if not Path(need).exists() and not shutil.which(need, path=SEARCH)]
    return sorted({needs[need] for need in unmet})


def _apt(packages: list[str]) -> bool:
    """Install packages; False when apt could not, with its words in .build/apt.log."""
    print(f"setup: installing {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (
        ["apt-get", "update", "--quiet=2"],
        ["apt-get", "install", "--yes", "--quiet=2", "--no-install-recommends", *packages],
    )
    with (BUILD / "apt.log").open("w") as log:

        def is_done(command: list[str]) -> bool:
            nothing, errors = subprocess.DEVNULL, subprocess.STDOUT
            done = subprocess.run(command, env=environment, stdin=nothing, stdout=log, stderr=errors, check=False)
            return done.returncode == 0

        return all(map(is_done, commands))


def _require(packages: list[str]) -> None:
    if packages and not _apt(packages):
        sys.exit(f"setup: apt-get could not install {' '.join(packages)}:\n{(BUILD / 'apt.log').read_text()[-2000:]}")


def _wish(packages: list[str]) -> None:
    """Install all at once, or those that can be had one by one."""
    if not packages or _apt(packages):
        return
    for package in packages:
        if not _apt([package]):
            print(f"setup: {package} cannot be installed here, so what needs it will be left out", flush=True)


def _virtual_environment(folder: Path, python: str, requirements: Path) -> None:
    version = subprocess.run([python, "--version"], check=True, capture_output=True).stdout
    wanted = hashlib.sha256(requirements.read_bytes() + version + QUICK.encode()).hexdigest()
    stamp = folder / "requirements.sha256"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"setup: installing the Python packages of {requirements.name}", flush=True)
    subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
    pip = [str(folder / "bin" / "pip"), "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--requirement", str(requirements)], check=True)
    for packages in folder.glob("lib/python*/site-packages"):
        (packages / "quick.pth").write_text(QUICK)
    stamp.write_text(wanted)


def _has_ensurepip(python: str) -> bool:
    done = subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False)
    return done.returncode == 0


def _newest_python() -> str:
    """A Python for the newest ansible-core on the PATH or in pyenv, or nothing."""
    roots = [Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")]
    for version in NEWEST_PYTHONS:
        kept = [str(path) for root in roots for path in root.glob(f"versions/{version}*/bin/python{version}")]
        for python in (*kept, shutil.which(f"python{version}")):
            # What pyenv puts on the PATH works only where that version is chosen, and Debian may lack ensurepip.
            if python and _has_ensurepip(python):
                return python
    return ""


def _newest_core() -> None:
    python = _newest_python()
    if python:
        _virtual_environment(NEWEST_CORE, python, TOOLS / "requirements-newest.txt")
    else:
        shutil.rmtree(NEWEST_CORE, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("purpose", choices=("demo", "test", "docs"))
    purpose = parser.parse_args().purpose
    if sys.version_info < (3, 11):
        sys.exit(f"setup: Python 3.11 or newer is needed, and this is {sys.version.split()[0]}: set PYTHON=python3.x")
    if os.geteuid() and purpose != "docs":
        sys.exit("setup: the lab's containers and their networks need root: run make as root or with sudo")
    BUILD.mkdir(exist_ok=True)
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        _require(["python3-venv"])
    if purpose in ("docs", "test"):
        _virtual_environment(DOCS, sys.executable, TOOLS / "requirements-docs.txt")
    if purpose == "docs":
        return
    _require(_missing(LAB if purpose == "demo" else {**LAB, **TESTS}))
    _wish(_missing(OPTIONAL_LAB if purpose == "demo" else {**OPTIONAL_LAB, **OPTIONAL_TESTS}))
    _virtual_environment(VENV, sys.executable, TOOLS / "requirements.txt")
    if purpose == "test":
        _virtual_environment(LINT, sys.executable, TOOLS / "requirements-lint.txt")
        _newest_core()


if __name__ == "__main__":
    main()
