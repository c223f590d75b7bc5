# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the logs of a vhost say: no token of a link, and as much of a client's address as is wanted."""

from __future__ import annotations

FULL, TRUNCATED, NONE = ADDRESSES = ("full", "truncated", "none")

_NAMES = "(?:jwt|token)"
_IN_REQUEST = f"%{{THE_REQUEST}} =~ m#[?&;]{_NAMES}=#i"
_TRUNCATED = "selfhosted_client"
_SHOWN = {FULL: ("%h", "%a"), TRUNCATED: (f"%{{{_TRUNCATED}}}e",) * 2, NONE: ("-", "-")}
# The format vhost_combined of Debian, in which a request is said in its parts.
_BEHIND = '%l %u %t \\"{request}\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"'


def directives(addresses: str, folder: str) -> list[str]:
    """The directives of one vhost, for the file in which Debian logs vhosts without a file of their own.

    :param addresses: ``full``, ``truncated`` or ``none``.
    """
    access, errors = _SHOWN[addresses]
    lines = ["# Tokens in links are not logged, and nobody behind the proxy gets them as a referrer."]
    lines += [f'RequestHeader edit* Referer "(?i)([?&;]{_NAMES}=)[^&;#]*" "$1********" early']
    if addresses == TRUNCATED:
        lines += [
            f'SetEnvIf Remote_Addr "^" {_TRUNCATED}=-',
            f'SetEnvIf Remote_Addr "^([0-9]+\\.[0-9]+\\.[0-9]+)\\.[0-9]+$" {_TRUNCATED}=$1.0',
            f'SetEnvIf Remote_Addr "^([0-9a-f]+:[0-9a-f]+:[0-9a-f]*):" {_TRUNCATED}=$1::',
        ]
    for request, condition in (("%r", f"! {_IN_REQUEST}"), ("%m %U?******** %H", _IN_REQUEST)):
        said = f"%v:%p {access} {_BEHIND.format(request=request)}"
        lines += [f'CustomLog "{folder}/other_vhosts_access.log" "{said}" "expr={condition}"']
    client = "" if addresses == NONE else f" [client\\ {errors}]"
    lines += [f'ErrorLogFormat "[%{{u}}t] [%-m:%l] [pid %P:tid %T] %7F: %E:{client} %M"']
    return lines
