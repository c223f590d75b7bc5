# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read from a machine what a role has to know before it decides."""

from __future__ import annotations

import base64
import glob
import grp
import hashlib
import math
import os
import pwd
import re
import stat
from typing import Any, Mapping, Sequence

from ..._core.machine.packages import FORMAT, Packages, parse_edited, parse_packages
from ..._core.machine.units import PROPERTIES, Unit, parse_units
from ..commands import CommandError, Runner, call, try_call

#: dpkg's notes about changes that it has not finished.
JOURNAL = "/var/lib/dpkg/updates"
MIB = 1 << 20
_KINDS = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"), (stat.S_ISLNK, "link"))


def read_packages(run: Runner) -> Packages:
    """All packages that dpkg knows.

    :raises CommandError: if dpkg does not say it.
    """
    command = ["dpkg-query", "--show", f"--showformat={FORMAT}"]
    return parse_packages(call(run, command, "", "read the packages", "dpkg"))


def edited_files(package: str, run: Runner) -> list[str]:
    """The configuration files of a package that were edited; none if it is not installed.

    :raises CommandError: if dpkg does not say it.
    """
    purpose = f"compare the configuration files of {package}"
    return parse_edited(call(_tolerant(run), ["dpkg", "--verify", "--", package], "", purpose, "dpkg"))


def _tolerant(run: Runner) -> Runner:
    """dpkg ends with 1 if a package is not installed."""

    def tolerant(argv: list[str], stdin: str) -> tuple[int, str, str]:
        status, output, errors = run(argv, stdin)
        return 0 if status == 1 else status, output, errors

    return tolerant


def is_dpkg_interrupted() -> bool:
    """Whether dpkg was killed at its work."""
    return any(name.isdigit() for name in _names(JOURNAL))


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def read_units(names: Sequence[str], run: Runner) -> dict[str, Unit]:
    """Some units; one of which systemd does not speak neither runs nor is enabled."""
    said = try_call(run, ["systemctl", "show", "--property", PROPERTIES, "--", *names]) if names else ""
    return parse_units(names, said, linked_scripts(names))


def linked_scripts(names: Sequence[str]) -> set[str]:
    """The scripts in ``/etc/init.d`` among some units that a link starts at boot."""
    return {name for name in names if glob.glob(f"/etc/rc?.d/S??{glob.escape(name)}")}


def read_path(path: str) -> dict[str, Any] | None:
    """What lies at a path, without following a link; None if nothing does.

    :raises CommandError: if it cannot be read.
    """
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CommandError(f"Cannot read {path}: {error.strerror}; correct the path, or run as root") from error
    kind = next((name for test, name in _KINDS if test(found.st_mode)), "other")
    return {
        "kind": kind,
        "mode": f"{stat.S_IMODE(found.st_mode):04o}",
        "owner": _name(found.st_uid, lambda: pwd.getpwuid(found.st_uid).pw_name),
        "group": _name(found.st_gid, lambda: grp.getgrgid(found.st_gid).gr_name),
        "target": os.readlink(path) if kind == "link" else "",
    }


def _name(number: int, look_up: Any) -> str:
    try:
        return str(look_up())
    except KeyError:
        return str(number)


def read_content(path: str) -> str | None:
    """The content of a file in base64; None if there is no such file.

    :raises CommandError: if it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return base64.b64encode(file.read()).decode("ascii")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CommandError(f"Cannot read {path}: {error.strerror}; run as root") from error


def is_as_expected(wanted: Mapping[str, Any]) -> bool:
    """Whether a file or a folder is there with this owner and mode, and this content if one is given.

    :param wanted: ``path``, ``kind``, ``mode``, ``owner``, ``group``, and ``checksum``, the SHA-256 of the content, or
        None.
    :raises CommandError: if it cannot be read.
    """
    there = read_path(wanted["path"])
    if there is None or any(there[name] != wanted[name] for name in ("kind", "mode", "owner", "group")):
        return False
    if wanted["checksum"] is None:
        return True
    content = read_content(wanted["path"])
    return content is not None and hashlib.sha256(base64.b64decode(content)).hexdigest() == wanted["checksum"]


def found(patterns: Sequence[str], excluded: Sequence[str], expression: str) -> list[str]:
    """The files that match shell patterns, are not excluded, and have a line in which the expression matches.

    :raises CommandError: if one cannot be read, or the expression is none.
    """
    try:
        compiled = re.compile(expression, re.MULTILINE)
    except re.error as error:
        raise CommandError(f"searches: {expression!r} is not a regular expression ({error}); correct it") from error
    paths = [path for path in matching(patterns) if path not in excluded and os.path.isfile(path)]
    texts = {path: base64.b64decode(read_content(path) or "") for path in paths}
    return [path for path, text in texts.items() if compiled.search(text.decode("utf-8", "replace"))]


def matching(patterns: Sequence[str]) -> list[str]:
    """The paths that match shell patterns."""
    return sorted({path for pattern in patterns for path in glob.glob(pattern)})


def free_space(folder: str) -> int:
    """The space in MiB that root's programs have below a folder, as df shows it.

    :raises CommandError: if it cannot be read.
    """
    try:
        found = os.statvfs(folder)
    except OSError as error:
        raise CommandError(f"Cannot read the free space of {folder}: {error.strerror}; check its mount") from error
    return math.ceil(found.f_bavail * found.f_frsize / MIB)
