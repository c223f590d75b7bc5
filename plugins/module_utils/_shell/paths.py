# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read and replace what lies at paths: files, links or nothing."""

from __future__ import annotations

import contextlib
import os
from typing import Iterable

from .._core.files import File, Files, Link
from .commands import CommandError
from .files import PROTECTED, explain, read_text, write


def read_files(paths: Iterable[str]) -> Files:
    """What lies at some paths; None for nothing.

    :raises CommandError: if something there is neither a file nor a link.
    """
    return {path: _read(path) for path in paths}


def put(path: str, content: File | Link | None) -> None:
    """Have a path hold this, in one step.

    :raises CommandError: if it cannot be.
    """
    try:
        _put(path, content)
    except OSError as error:
        problem = explain(error, os.path.dirname(path), PROTECTED)
        raise CommandError(f"Cannot write {path}: {problem}") from error


def put_back(path: str, content: File | Link | None) -> None:
    """Have a path hold again what it held.

    :raises CommandError: if it cannot be.
    """
    try:
        put(path, content)
    except CommandError:
        if not isinstance(content, File):
            raise
        # A full disk has no room for a second file, but for the earlier text in place of the new one.
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(content.text)


def _read(path: str) -> File | Link | None:
    if os.path.islink(path):
        return Link(os.readlink(path))
    if not os.path.exists(path):
        return None
    if not os.path.isfile(path):
        raise CommandError(f"Cannot replace {path}: it is neither a file nor a link; move it away")
    return File(read_text(path), private=not os.stat(path).st_mode & 0o004)


def _put(path: str, content: File | Link | None) -> None:
    if content is None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        return
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    if isinstance(content, Link):
        _link(path, content.target)
    else:
        write(path, content.text, content.mode)


def _link(path: str, target: str) -> None:
    temporary = f"{path}.{os.getpid()}"
    os.symlink(target, temporary)
    try:
        os.rename(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
