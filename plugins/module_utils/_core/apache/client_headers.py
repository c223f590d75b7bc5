# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a client says about itself, or has the proxy leave out, and is not believed."""

from __future__ import annotations

from itertools import product
from typing import Iterator

# Apache says some of them anew.
_FORGEABLE = (
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Server",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Scheme",
    "X-Forwarded-Ssl",
    "X-Real-IP",
    "X-Client-IP",
    "Client-IP",
    "True-Client-IP",
    "X-Original-URL",
    "X-Rewrite-URL",
)
_SET = "X-Forwarded-Proto"
# What browsers say in Connection. What else is listed there, the proxy would not pass on.
_HOP = "(?:close|keep-alive|upgrade|te|http2-settings)"
_HOPS = rf"^\s*{_HOP}(?:\s*,\s*{_HOP})*\s*$"


def directives() -> list[str]:
    """The directives that take it away, before what the proxy itself says is set."""
    names = [spelling for name in _FORGEABLE for spelling in _spellings(name)]
    names += [spelling for spelling in _spellings(_SET) if spelling != _SET]
    return [
        "# What a client says about where it comes from is not believed; Apache says it anew.",
        "# Many backends take _ for -.",
        *(f"RequestHeader unset {name}" for name in names),
        "# A client must not have the proxy leave headers out.",
        f'RequestHeader unset Connection "expr=! %{{req_novary:Connection}} =~ m#{_HOPS}#i"',
        f"RequestHeader set {_SET} https",
    ]


def _spellings(name: str) -> Iterator[str]:
    """A header's name with each of its hyphens as it is or as an underscore."""
    parts = name.split("-")
    for joints in product("-_", repeat=len(parts) - 1):
        yield parts[0] + "".join(joint + part for joint, part in zip(joints, parts[1:]))
