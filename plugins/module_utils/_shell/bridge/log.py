# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the logs of a videobridge, those that were rotated, too."""

from __future__ import annotations

import glob
import gzip
import os
import zlib
from typing import IO, Iterator

from ..commands import CommandError

#: Each failed login is a stack trace of some 120 lines, so a number of lines would say little.
END = 200_000


def logs(folder: str) -> list[str]:
    """The paths of the logs, the oldest first."""
    found = glob.glob(os.path.join(glob.escape(folder), "jvb.log*"))
    return sorted(filter(os.path.isfile, found), key=os.path.getmtime)


def lines_of(paths: list[str]) -> Iterator[bytes]:
    """The lines of all files, one after the other.

    :raises CommandError: if one cannot be read.
    """
    for path in paths:
        try:
            with _opened(path) as file:
                yield from file
        except (FileNotFoundError, EOFError, gzip.BadGzipFile, zlib.error):
            # Rotated away meanwhile, or a copy that nobody can read to its end: the other logs count.
            continue
        except OSError as error:
            raise CommandError(f"Cannot read {path}: {error.strerror}; run as root") from error


def _opened(path: str) -> IO[bytes]:
    return gzip.open(path) if path.endswith(".gz") else open(path, "rb")  # type: ignore[return-value]


def end_of(folder: str) -> bytes:
    """The last bytes of the present log; none if there is no log.

    :raises CommandError: if it cannot be read.
    """
    path = os.path.join(folder, "jvb.log")
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - END))
            return file.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise CommandError(f"Cannot read {path}: {error.strerror}; run as root") from error
