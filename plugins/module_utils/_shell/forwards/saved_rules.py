# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that another program saved, and that it brings back at the next boot after they were removed."""

from __future__ import annotations

import contextlib
import re
from typing import Iterator

#: Where netfilter-persistent, the iptables service of other systems, and nftables have them.
FILES = ("/etc/iptables/rules.v4", "/etc/sysconfig/iptables", "/etc/nftables.conf")


def notes(name: str) -> Iterator[str]:
    """Name the files that have rules of an owner."""
    chains = re.compile(rf"\bPF-{re.escape(name)}-(?:DNAT|SNAT|FWD)\b")
    for path in FILES:
        with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
            if chains.search(file.read()):
                yield (
                    f"{path} has saved rules of {name!r}, which come back with the next boot; save the rules of the"
                    " host anew, or remove these from the file"
                )
