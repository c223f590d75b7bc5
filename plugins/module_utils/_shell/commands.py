# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running commands, from a module and from the unit that puts the forwards back after a boot: without Ansible."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Callable, List, Tuple

from .._core.errors import JitsiError

# Takes an argv list and the standard input; returns exit status, standard output and standard error.
# Raises FileNotFoundError if there is no such command.
Runner = Callable[[List[str], str], Tuple[int, str, str]]

#: What has programs speak English, whatever the machine speaks.
ENGLISH = {"LC_ALL": "C", "LANGUAGE": "C"}
_SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")


class CommandError(JitsiError):
    """A command that could not be run or did not do what it should. The message says what to do."""


def run(argv: list[str], stdin: str) -> tuple[int, str, str]:
    """A Runner that finds commands in the sbin folders too, and has them speak English."""
    path = shutil.which(argv[0], path=os.pathsep.join((os.environ.get("PATH", ""), *_SBIN)))
    if path is None:
        raise FileNotFoundError(argv[0])
    done = subprocess.run(
        [path, *argv[1:]],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        env={**os.environ, **ENGLISH},
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def call(run: Runner, argv: list[str], stdin: str, purpose: str, package: str) -> str:
    """Run a command that must succeed, and return its output.

    :param purpose: what it is run for, as the end of "Cannot ...".
    :param package: what to install where the command is missing.
    :raises CommandError: if it is missing or fails.
    """
    try:
        status, output, errors = run(argv, stdin)
    except FileNotFoundError as error:
        raise CommandError(
            f"Cannot {purpose}: the command {argv[0]} is missing; install the package {package}"
        ) from error
    if status != 0:
        said = " ".join((errors.strip() or output.strip() or "no output").split())
        remedy = "; run as root" if "be root" in said or "not permitted" in said else ""
        raise CommandError(f"Cannot {purpose}: '{' '.join(argv)}' failed with exit code {status}: {said}{remedy}")
    return output


def try_call(run: Runner, argv: list[str]) -> str:
    """Run a command that may fail or be missing, and return its output, empty in these cases."""
    try:
        status, output, _errors = run(argv, "")
    except FileNotFoundError:
        return ""
    return output if status == 0 else ""
