# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of sites and of their vhosts may be shown: headers for backends and further directives may be secrets."""

from __future__ import annotations

import re
from typing import Any, Mapping

from ..editing.masking import MASK, replaceable
from . import client_headers as apache_client_headers

ADDED = "# What the inventory adds."
HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'")
_HEADER = re.compile(r"(\s*RequestHeader\s+(\S+)\s+(\S+)\s+)\S")
_OWN = frozenset(apache_client_headers.directives())
# What stands in vhosts of ours, beside headers. Somebody may have added other lines by hand.
_SHOWN = re.compile(
    r"\s*(?:#|$|</?(?:VirtualHost|Directory)\b|(?:Server|SSL|Proxy|Rewrite|Redirect|Alias|AllowOverride|Options|Require"
    r"|Protocols|Header|CustomLog|ErrorLogFormat|SetEnvIf)\w*\s)"
)


def without_secrets(site: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """A site as the options of a module may show it, and the texts that must not be shown anywhere."""
    shown = dict(site)
    found: set[str] = set()
    headers = shown.get("request_headers")
    if isinstance(headers, Mapping):
        found.update(str(value) for value in headers.values() if value is not None)
        shown["request_headers"] = {name: value if value is None else HIDDEN for name, value in headers.items()}
    elif headers:
        shown["request_headers"] = HIDDEN
    directives = shown.get("extra_directives")
    if directives:
        for line in str(directives).splitlines():
            # Apache names a directive that it does not know.
            arguments = line.split(None, 1)[1:]
            found.update(argument.strip() for argument in arguments)
            found.update(one or other for one, other in _QUOTED.findall(line))
        shown["extra_directives"] = HIDDEN
    return shown, replaceable(found)


def masked(before: str, after: str) -> tuple[str, str]:
    """Two states of a file of vhosts as a diff may show them; a line that changed can still be told."""
    known = frozenset(before.splitlines(keepends=True))
    return _masked(before, known), _masked(after, known)


def _masked(text: str, known: frozenset[str]) -> str:
    lines, is_added = [], False
    for line in text.splitlines(keepends=True):
        is_added = (is_added or line.strip() == ADDED) and line.rstrip() != "</VirtualHost>"
        head = _head(line, is_added)
        mask = MASK if line in known else f"{MASK} (changed)"
        lines.append(line if head is None else f"{head}{mask}\n")
    return "".join(lines)


def _head(line: str, is_added: bool) -> str | None:
    """What may be shown of a line before its mask; None if the whole line may."""
    text = line.strip()
    if text in ("", ADDED):
        return None
    indentation = line[: len(line) - len(line.lstrip())]
    if is_added:
        return indentation
    header = _HEADER.match(line)
    if header:
        is_own = text in _OWN or header[2].lower() == "unset" or text.startswith("RequestHeader edit* Referer ")
        return None if is_own else header[1]
    return None if text.startswith("RequestHeader ") or _SHOWN.match(line) else indentation
