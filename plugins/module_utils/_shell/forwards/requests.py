# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

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
    found = []
    for path in files():
        with contextlib.suppress(OSError, UnicodeDecodeError, ForwardError), open(path, encoding="utf-8") as file:
            found.append(persistence.load(file.read()))
    return found
