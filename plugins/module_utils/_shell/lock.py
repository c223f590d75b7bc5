# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run at a time changes what a folder in /run stands for: the rules of a host, the sites of an Apache."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import Iterator

from .commands import CommandError

RUNTIME = "/run/port-forwards"

# A run that changes a thousand forwards takes seconds.
_SECONDS = 120
_PAUSE = 0.05


@contextlib.contextmanager
def lock(folder: str = "") -> Iterator[None]:
    """Hold a lock.

    :param folder: where it is; empty for that of this host's forwards.
    :raises CommandError: if another run holds it too long, or the folder cannot be made.
    """
    folder = folder or RUNTIME
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        descriptor = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CommandError(f"Cannot lock {folder}: {error.strerror}; run as root") from error
    try:
        _wait_for(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, folder: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise CommandError(
                    f"Cannot lock {folder}: another run has held the lock for {_SECONDS} seconds; "
                    f"find it with 'fuser -v {folder}/lock'"
                ) from error
            time.sleep(_PAUSE)
