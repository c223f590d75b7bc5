# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read what a machine needs to go on: disks, memory, units, and configurations that its programs can read."""

from __future__ import annotations

import glob
import os
import shutil
from dataclasses import asdict
from typing import Any, Sequence

from ..._core.machine.condition import PROPERTIES, Condition, parse_conditions, parse_memory, related
from ..._core.machine.configurations import COMMANDS, LUA, LUA_FILES, LUA_TEST, PROSODY, is_tested, lua_command, problem
from ..._core.machine.units import parse_properties
from ..._core.printable import printable
from ..commands import CommandError, Runner, try_call
from .look import MIB, is_dpkg_interrupted, linked_scripts, read_packages

NOT_TESTED = {"tested": False, "problem": ""}
DPKG = "/var/lib/dpkg/status"


def read_disks(folders: Sequence[str]) -> list[dict[str, Any]]:
    """The file system of each folder, once each. A folder that does not exist is left out.

    :returns: ``path``, the first folder in it; ``total`` and ``free`` in MiB; ``free_inodes`` in percent, or None if it
        counts none; ``read_only``.
    :raises CommandError: if one cannot be read.
    """
    found: dict[int, dict[str, Any]] = {}
    for folder in folders:
        try:
            device = os.stat(folder).st_dev
            if device not in found:
                found[device] = _disk(folder, os.statvfs(folder))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise CommandError(f"Cannot read the free space of {folder}: {error.strerror}; check its mount") from error
    return list(found.values())


def _disk(folder: str, seen: os.statvfs_result) -> dict[str, Any]:
    return {
        "path": folder,
        "total": seen.f_blocks * seen.f_frsize // MIB,
        "free": seen.f_bavail * seen.f_frsize // MIB,
        "free_inodes": round(100 * seen.f_favail / seen.f_files, 1) if seen.f_files else None,
        "read_only": bool(seen.f_flag & os.ST_RDONLY),
    }


def read_memory() -> dict[str, int]:
    """The memory of the machine, as parse_memory returns it."""
    return parse_memory(text_of("/proc/meminfo"), text_of("/proc/vmstat"))


def text_of(path: str) -> str:
    """The text of a file; empty if it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def read_unfinished(run: Runner) -> dict[str, Any]:
    """The packages that dpkg has not finished, and whether it was killed; nothing on a machine without dpkg.

    :raises CommandError: if dpkg does not say it.
    """
    if not os.path.exists(DPKG):
        return {}
    return {"unfinished": list(read_packages(run).unfinished), "interrupted": is_dpkg_interrupted()}


def read_conditions(names: Sequence[str], run: Runner) -> dict[str, Condition]:
    """Some units; one of which systemd does not speak does not exist."""
    text = _show(names, run)
    others = related(parse_properties(names, text))
    return parse_conditions(names, text, linked_scripts(names), parse_properties(others, _show(others, run)))


def _show(names: Sequence[str], run: Runner) -> str:
    return try_call(run, ["systemctl", "show", "--property", PROPERTIES, "--", *names]) if names else ""


def conditions_as_data(names: Sequence[str], run: Runner) -> dict[str, Any]:
    """The same in a type that Ansible can return."""
    return {name: asdict(unit) for name, unit in read_conditions(names, run).items()}


def try_configuration(program: str, run: Runner) -> dict[str, Any]:
    """Whether a program can read its configuration.

    :returns: ``tested``, false for one that is not installed; ``problem``, empty if there is none.
    """
    command, stdin = (_lua(), LUA_TEST) if program == PROSODY else (COMMANDS[program], "")
    if not command:
        return NOT_TESTED
    try:
        status, output, errors = run(command, stdin)
    except FileNotFoundError:
        return NOT_TESTED
    words = printable(f"{errors}\n{output}")
    return {"tested": True, "problem": problem(program, status, words)} if is_tested(words) else NOT_TESTED


def _lua() -> list[str]:
    """The command for prosody's files; empty where there are none, or no Lua."""
    paths = [path for pattern in LUA_FILES for path in sorted(glob.glob(pattern))]
    interpreter = next((name for name in LUA if shutil.which(name)), "")
    return lua_command(interpreter, paths) if paths and interpreter else []
