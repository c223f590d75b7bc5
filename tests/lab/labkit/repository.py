"""A flat apt repository that stands where the stand-ins would: a folder of this machine, or a URL."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .command import run
from .errors import LabError

WHERE = "JITSI_LAB_REPOSITORY"
KEY = f"{WHERE}_KEY"
FINGERPRINT = f"{WHERE}_FINGERPRINT"
GENERATION = "JITSI_LAB_GENERATION"
#: What asks for no package that only the stand-ins have.
GENERATIONS = ("", "current", "several")
KEY_NAME = "jitsi-key.gpg.key"
INDEXES = ("Packages", "Packages.gz", "Packages.xz", "Packages.bz2", "Packages.zst")
#: Where the machines find what the lab serves to them.
SERVED = "http://packages.test"


@dataclass(frozen=True)
class Repository:
    """Where it is and which keys sign it; what is a path lies on this machine, what is a text is a URL."""

    place: Path | str
    key: Path | str
    fingerprints: tuple[str, ...]

    @property
    def folder(self) -> Path | None:
        """What the lab has to serve, or None where the machines fetch for themselves."""
        return self.place if isinstance(self.place, Path) else None

    @property
    def uri(self) -> str:
        """What apt on the machines is told."""
        return f"{SERVED}/repository" if self.folder else str(self.place)

    @property
    def key_url(self) -> str:
        """Where the machines fetch the key."""
        return f"{SERVED}/{KEY_NAME}" if isinstance(self.key, Path) else self.key

    def __str__(self) -> str:
        return f"{self.place}, signed by {', '.join(self.fingerprints)}"


def _wrong(name: str, value: object, what: str, remedy: str) -> LabError:
    return LabError(f"{name} is {str(value)!r}, but {what}: {remedy}")


def _is_url(value: str) -> bool:
    return "://" in value


def _url(name: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _wrong(name, value, "this is no URL of a web server", "write https://HOST/PATH, or the path of a folder")
    return value.rstrip("/")


def _path(name: str, value: str, kind: str) -> Path:
    path = Path(value)
    if not path.is_absolute():
        raise _wrong(name, value, "this is neither a URL nor a path from the root", "write https://… or /…")
    if not (path.is_dir() if kind == "folder" else path.is_file()):
        raise _wrong(name, value, f"no such {kind} is there", "correct the path")
    return path


def _folder(value: str) -> Path:
    """A folder with a flat, signed repository below stable/."""
    folder = _path(WHERE, value, "folder")
    stable = folder / "stable"
    # podman takes a colon for the end of the path.
    if ":" in value:
        raise _wrong(WHERE, value, "its path has a colon", "move the folder, or name a link to it")
    if not any((stable / name).is_file() for name in INDEXES):
        hint = "name the folder above this one" if any((folder / name).is_file() for name in INDEXES) else ""
        make = "name the folder that has stable/ with the packages and what apt-ftparchive says of them"
        raise _wrong(WHERE, value, "it has no stable/Packages", hint or make)
    if not (stable / "InRelease").is_file() and not (
        (stable / "Release").is_file() and (stable / "Release.gpg").is_file()
    ):
        raise _wrong(WHERE, value, "it has no stable/InRelease", "sign stable/Release with gpg --clearsign")
    return folder


def _key(place: Path | str, value: str) -> Path | str:
    if value:
        return _url(KEY, value) if _is_url(value) else _path(KEY, value, "file")
    if isinstance(place, str):
        return f"{place}/{KEY_NAME}"
    if not (place / KEY_NAME).is_file():
        remedy = f"put the public key there, or name its file or URL in {KEY}"
        raise _wrong(WHERE, place, f"it has no {KEY_NAME}", remedy)
    return place / KEY_NAME


def _split(text: str) -> tuple[str, ...]:
    """Fingerprints, separated by commas or lines; gpg shows them with blanks inside."""
    parts = (re.sub(r"\s", "", part).upper() for part in re.split(r"[,\n]", text))
    return tuple(part for part in parts if part)


def _fingerprints(place: Path | str, value: str) -> tuple[str, ...]:
    name = FINGERPRINT
    if not value and isinstance(place, Path) and (place / "fingerprint").is_file():
        name, value = str(place / "fingerprint"), (place / "fingerprint").read_text(errors="replace").strip()
    found = _split(value)
    if not found:
        beside = f", and {place} has no file `fingerprint`" if isinstance(place, Path) else ""
        raise LabError(
            f"{name} is empty{beside}: set {FINGERPRINT} to the 40 hex digits that `gpg --show-keys` shows of the key"
        )
    for one in found:
        if not re.fullmatch(r"[0-9A-F]{40}", one):
            remedy = "write the 40 that `gpg --show-keys` shows, several with commas between them"
            raise _wrong(name, value, f"{one} is not 40 hex digits", remedy)
    return found


def _require_match(key: Path | str, fingerprints: tuple[str, ...]) -> None:
    """See that a file has one of the keys; a key that is at a URL is for the role to judge."""
    if isinstance(key, str) or not shutil.which("gpg"):
        return
    try:
        listed = run("gpg", "--batch", "--with-colons", "--show-keys", key)
    except LabError as error:
        remedy = "export it with gpg --armor --export"
        raise LabError(f"{key} holds no public key that gpg can read: {remedy}\n{error}") from None
    there = [line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:")]
    if not set(there).intersection(fingerprints):
        said, has = ", ".join(fingerprints), ", ".join(there)
        raise _wrong(FINGERPRINT, said, f"{key} has the keys {has}", "correct the one or the other")


def from_environment() -> Repository | None:
    """Read JITSI_LAB_REPOSITORY and what belongs to it; None means the stand-ins.

    :raises LabError: when a value is wrong; the text holds the variable, its value, what is wrong and what to do.
    """
    where, key, fingerprint = (os.environ.get(name, "").strip() for name in (WHERE, KEY, FINGERPRINT))
    if not where:
        for name, value in ((KEY, key), (FINGERPRINT, fingerprint)):
            if value:
                raise _wrong(name, value, f"{WHERE} is empty", f"set {WHERE} to a folder or URL, or unset {name}")
        return None
    generation = os.environ.get(GENERATION, "")
    if generation not in GENERATIONS:
        raise _wrong(
            GENERATION, generation, f"only the stand-ins have it, and {WHERE} is set", "unset the one or the other"
        )
    place = _url(WHERE, where) if _is_url(where) else _folder(where)
    repository = Repository(place, _key(place, key), _fingerprints(place, fingerprint))
    _require_match(repository.key, repository.fingerprints)
    return repository
