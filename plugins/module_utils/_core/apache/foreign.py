# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the vhosts of others do. The arguments of directives that are not known can be secrets, and are not returned."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Any, Iterator, Sequence

from .configuration import Directive, read_directives
from .passed import REDIRECTS, Line, is_rewrite_to_https, is_websocket, lines, passed

#: Directives that are returned, or that the vhosts of a site do not need. All SSLProxy ones are among them.
_UNDERSTOOD = frozenset(
    re.findall(
        r"\w+",
        """
        allowoverride customlog define documentroot errorlog loglevel options protocols proxypass proxypassreverse
        proxypreservehost proxyrequests proxytimeout proxyvia rewritecond rewriteengine serveradmin serveralias
        servername serversignature sslcertificatechainfile sslcertificatefile sslcertificatekeyfile sslciphersuite
        sslcompression sslengine sslhonorcipherorder ssloptions sslprotocol sslsessiontickets timeout
        """,
    )
)
_KNOWN = _UNDERSTOOD | REDIRECTS
#: Where relative paths begin.
_SERVER_ROOT = "/etc/apache2"


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
            "certificate": self._file("sslcertificatefile"),
            "certificate_key": self._file("sslcertificatekeyfile"),
            "chain": self._file("sslcertificatechainfile"),
            "backends": [{"path": one.path, "url": one.url} for one in passed(self.directives) if one.is_backend],
            "lines": [one.data() for one in (*lines(self.directives), *self._further_certificates())],
            "others": sorted({each.name for each in self.directives if _is_strange(each)}),
        }

    def _named(self, name: str) -> Iterator[Directive]:
        return (each for each in self.directives if each.name == name)

    def _further_certificates(self) -> Iterator[Line]:
        """All certificates but the last one. A vhost can have one of each type of key."""
        for name in ("sslcertificatefile", "sslcertificatekeyfile"):
            for each in list(self._named(name))[:-1]:
                yield Line(each.file, each.line, " ".join([name, *each.words]))

    def _file(self, name: str) -> str:
        path = next((each.words[0] for each in reversed(list(self._named(name))) if each.words), "")
        # Keys in hardware have URLs.
        return path if not path or ":" in path else posixpath.join(_SERVER_ROOT, path)


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
        return not (is_websocket(words) or is_rewrite_to_https(directive.words))
    return not name.startswith(("<", "sslproxy", "sslstapling", "sslusestapling")) and name not in _KNOWN


def _host(word: str) -> str:
    """A name without the scheme and the port that ServerName may have."""
    return word.lower().rpartition("://")[2].partition(":")[0]
