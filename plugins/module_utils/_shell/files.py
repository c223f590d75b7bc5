# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read files, write them in one step, and say clearly where there is no room for them."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile

from .commands import CommandError

_FULL = (errno.ENOSPC, errno.EDQUOT)
#: What to do where a path cannot be written for another reason than a full disk.
PROTECTED = "run as root, or check its mount and its attributes (lsattr)"


def read_text(path: str) -> str:
    """A file's text; bytes that are not UTF-8 are kept as they are.

    :raises CommandError: if it cannot be read.
    """
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except OSError as error:
        raise CommandError(f"Cannot read {path}: {error.strerror}; run as root") from error


def write(path: str, text: str, mode: int = 0o644) -> None:
    """Have a file hold a text, in one step. Where that fails nothing of it is left.

    :raises OSError: if it fails; :func:`explain` says it in words.
    """
    # Nobody's pattern for configuration files matches such a name.
    descriptor, temporary = tempfile.mkstemp(prefix=".ansible_tmp", dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            os.fchmod(descriptor, mode)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.rename(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def put(path: str, text: str | None, mode: int = 0o644) -> None:
    """Have a file hold a text, or be gone if that is None.

    :raises CommandError: if it cannot be.
    """
    try:
        if text is not None:
            os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
            write(path, text, mode)
        elif os.path.lexists(path):
            os.unlink(path)
    except OSError as error:
        problem = explain(error, os.path.dirname(path), PROTECTED)
        raise CommandError(f"Cannot write {path}: {problem}") from error


def explain(error: OSError, folder: str, remedy: str) -> str:
    """What is wrong and what to do about it.

    :param folder: where the file should have been written.
    :param remedy: what to do if room is not what is missing.
    """
    if error.errno not in _FULL:
        return f"{error.strerror}; {remedy}"
    return (
        f"the file does not fit in {folder} ({error.strerror}), and the existing file is unchanged; free space or"
        f" inodes there (see 'df {folder}' and 'df -i {folder}'), and run again"
    )
