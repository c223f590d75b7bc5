# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the vhosts of others do. The arguments of directives that are not known can be secrets, and are not returned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Iterator, Sequence

from ..urls import without_user
from .configuration import Directive, read_directives

#: Directives that a site has a variable for, or that its vhosts do not need. All SSLProxy ones are among them.
_UNDERSTOOD = frozenset(
    re.findall(
        r"\w+",
        """
        allowoverride customlog define documentroot errorlog loglevel options protocols proxypass proxypassreverse
        proxypreservehost proxyrequests proxytimeout proxyvia redirect redirectmatch redirectpermanent rewritecond
        rewriteengine serveradmin serveralias servername serversignature sslcertificatechainfile sslcertificatefile
        sslcertificatekeyfile sslciphersuite sslcompression sslengine sslhonorcipherorder ssloptions sslprotocol
        sslsessiontickets timeout
        """,
    )
)
_WITH_ARGUMENT = 2


@dataclass(frozen=True)
class Vhost:
    """One vhost.

    :param directives: what stands in it, at any level.
    """

    addresses: tuple[str, ...]
    file: str
    line: int
    directives: tuple[Directive, ...]

    def data(self) -> dict[str, Any]:
        """What can be shown of it."""
        names = [each.words[0] for each in self._named("servername") if each.words]
        return {
            "name": _host(names[-1]) if names else "",
            "aliases": [_host(word) for each in self._named("serveralias") for word in each.words],
            "addresses": list(self.addresses),
            "file": self.file,
            "line": self.line,
            "tls": any(each.words[:1] and each.words[0].lower() == "on" for each in self._named("sslengine")),
            "certificate": self._last("sslcertificatefile"),
            "certificate_key": self._last("sslcertificatekeyfile"),
            "backends": [{"path": path, "url": url} for path, url in self._backends()],
            "others": sorted({each.name for each in self.directives if _is_strange(each)}),
        }

    def _named(self, name: str) -> Iterator[Directive]:
        return (each for each in self.directives if each.name == name)

    def _last(self, name: str) -> str:
        return next((each.words[0] for each in reversed(list(self._named(name))) if each.words), "")

    def _backends(self) -> Iterator[tuple[str, str]]:
        place = ""
        for each in self.directives:
            if each.level == 1:
                place = each.words[0] if each.name == "<location" and each.words else ""
            if each.name == "proxypass":
                words = each.words if each.level == 1 else (place, *each.words)
                if len(words) >= _WITH_ARGUMENT and words[1] != "!":
                    yield words[0], without_user(words[1])


def read_vhosts(dump: str) -> list[Vhost]:
    """All vhosts in what ``-D DUMP_CONFIG`` printed, in Apache's order."""
    found: list[tuple[Directive, list[Directive]]] = []
    inside = False
    for each in read_directives(dump):
        if each.level == 0:
            inside = each.name == "<virtualhost"
            if inside:
                found.append((each, []))
        elif inside:
            found[-1][1].append(each)
    return [Vhost(start.words, start.file, start.line, tuple(lines)) for start, lines in found]


def vhosts_as_data(dump: str) -> Sequence[dict[str, Any]]:
    """All vhosts, with what can be shown of each."""
    return [vhost.data() for vhost in read_vhosts(dump)]


def _is_strange(directive: Directive) -> bool:
    name, words = directive.name, [word.lower() for word in directive.words]
    if name == "require":
        return words != ["all", "granted"]
    if name == "rewriterule":
        # WebSockets, and the way from http to https.
        return not words[1:] or not words[1].startswith(("ws:", "wss:", "https://%{"))
    return not name.startswith(("<", "sslproxy", "sslstapling", "sslusestapling")) and name not in _UNDERSTOOD


def _host(word: str) -> str:
    """A name without the scheme and the port that ServerName may have."""
    return word.lower().rpartition("://")[2].partition(":")[0]
