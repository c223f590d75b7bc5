# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What owners asked for that comes back after a boot."""

from __future__ import annotations

import contextlib
import glob

from ..._core.forwards import persistence
from ..._core.forwards.request import ForwardError, Request


def files() -> list[str]:
    """Return where the owners' requests are kept, in the order in which a boot goes through them."""
    return sorted(glob.glob(f"{persistence.REQUESTS}/*.json"))


def kept() -> list[Request]:
    """Return the requests that can be read; a boot names the others."""
    return [request for request in map(_read, files()) if request]


def kept_of(name: str) -> Request | None:
    """Return what one owner asked for, if it is kept and can be read."""
    return _read(persistence.request_file(name))


def _read(path: str) -> Request | None:
    with contextlib.suppress(OSError, UnicodeDecodeError, ForwardError), open(path, encoding="utf-8") as file:
        return persistence.load(file.read())
    return None
