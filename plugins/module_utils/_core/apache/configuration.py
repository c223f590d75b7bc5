# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Apache itself says of its configuration: every include, definition, condition and macro already followed.

``-D DUMP_VHOSTS`` leaves out the aliases of a vhost that is alone on its address, so ``-D DUMP_CONFIG`` is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Collection, Iterator

_FILE = re.compile(r"# In file: (.*)")
_LINE = re.compile(r"#\s*([0-9]+):")
_INDENT = 2
_TLS_FILES = {
    "sslcertificatefile",
    "sslcertificatekeyfile",
    "sslcertificatechainfile",
    "sslcacertificatefile",
    "sslproxycacertificatefile",
}
# Before Apache 2.4, and understood ever since.
_RENAMED = {"maxclients": "maxrequestworkers"}
# Addresses of everybody, and of the machine itself.
_EVERYWHERE = re.compile(r"\*|_default_|127\.|\[::1\]|localhost", re.I)
_ALL_ADDRESSES = re.compile(r"\*|_default_", re.I)
# As Apache divides a line into words.
_WORD = re.compile(r"\"((?:\\.|[^\"\\])*)\"|'((?:\\.|[^'\\])*)'|(\S+)")


@dataclass(frozen=True)
class Directive:
    """One line of the configuration.

    :param name: in lower case; that of a section begins with ``<``.
    :param level: in how many sections it stands.
    """

    name: str
    words: tuple[str, ...]
    level: int
    file: str
    line: int


@dataclass(frozen=True)
class VirtualHost:
    """A vhost, and where it begins."""

    addresses: tuple[str, ...]
    server_name: str
    aliases: tuple[str, ...]
    file: str
    line: int

    def claims(self, name: str) -> str:
        """The word by which this vhost answers for a name exactly, or nothing."""
        exact = (word for word in (self.server_name, *self.aliases) if not _is_wild(word))
        return next((word for word in exact if _host(word) == name), "")

    def matches(self, name: str) -> str:
        """The alias with ``*`` or ``?`` by which this vhost answers for a name, or nothing."""
        wild = (word for word in self.aliases if _is_wild(word))
        return next((word for word in wild if _pattern(word).fullmatch(name)), "")

    @property
    def is_public(self) -> bool:
        """Whether it answers on one of the ports of ours."""
        return any(_port(address) in ("80", "443", "*") for address in self.addresses)

    @property
    def is_everywhere(self) -> bool:
        """Whether it answers at each address of the machine, on one of the ports of ours."""
        return any(self.is_on_all_addresses(port) for port in ("80", "443"))

    def is_on_all_addresses(self, port: str) -> bool:
        """Whether it answers at each address of the machine, on this port."""
        return any(_port(each) in (port, "*") and _ALL_ADDRESSES.match(each) for each in self.addresses)

    @property
    def is_for_strangers(self) -> bool:
        """Whether it may be what a client with an unknown name gets over TLS."""
        return any(address.lower() in ("*:443", "_default_:443") for address in self.addresses)

    def hides(self) -> list[str]:
        """Addresses at which it is asked before every vhost that is on all addresses."""
        return [each for each in self.addresses if _port(each) in ("80", "443") and not _EVERYWHERE.match(each)]


def read_directives(dump: str) -> Iterator[Directive]:
    """The directives in what ``-D DUMP_CONFIG`` printed, in Apache's order."""
    file, line = "", 0
    for row in dump.splitlines():
        text = row.strip()
        if text.startswith("#"):
            found = _FILE.match(text)
            file = found[1] if found else file
            number = _LINE.match(text)
            line = int(number[1]) if number else line
        elif text and not text.startswith("</"):
            name, _blank, rest = text.partition(" ")
            if name.startswith("<"):
                rest = rest.rstrip(">")
            yield Directive(name.lower(), _words(rest), (len(row) - len(row.lstrip())) // _INDENT, file, line)


def virtual_hosts(dump: str) -> tuple[VirtualHost, ...]:
    """All vhosts, in the order in which Apache tries them."""
    found: list[VirtualHost] = []
    inside = False
    for each in read_directives(dump):
        if each.level == 0:
            inside = each.name == "<virtualhost"
            if inside:
                found.append(VirtualHost(each.words, "", (), each.file, each.line))
        elif inside and each.level == 1 and each.name in ("servername", "serveralias"):
            found[-1] = _named(found[-1], each)
    return tuple(found)


def numbers(dump: str, without: Collection[str] = ()) -> dict[str, int]:
    """The server's own settings that are numbers, by their names in lower case; the last one counts.

    :param without: files whose settings do not.
    """
    found = {}
    for each in read_directives(dump):
        if each.level == 0 and each.file not in without and len(each.words) == 1 and each.words[0].isdigit():
            found[_RENAMED.get(each.name, each.name)] = int(each.words[0])
    return found


def places(dump: str) -> frozenset[tuple[str, int]]:
    """The addresses (empty for all) and ports on which Apache listens."""
    found = (each.words[0].rpartition(":") for each in read_directives(dump) if each.name == "listen" and each.words)
    return frozenset((address.strip("[]*"), int(port)) for address, _colon, port in found if port.isdigit())


def tls_files(dump: str) -> tuple[tuple[str, str], ...]:
    """The certificates and keys that any vhost names, each behind the file that names it."""
    found = (each for each in read_directives(dump) if each.name in _TLS_FILES and each.words)
    return tuple((each.file, each.words[0]) for each in found)


def _named(host: VirtualHost, directive: Directive) -> VirtualHost:
    if directive.name == "servername":
        return VirtualHost(host.addresses, "".join(directive.words[:1]), host.aliases, host.file, host.line)
    return VirtualHost(host.addresses, host.server_name, (*host.aliases, *directive.words), host.file, host.line)


def _words(text: str) -> tuple[str, ...]:
    found = []
    for double, single, plain in _WORD.findall(text):
        found.append(plain or re.sub(r"\\([\\\"'])", r"\1", double or single))
    return tuple(found)


def _host(word: str) -> str:
    """A name without the scheme and the port that ServerName may have."""
    return re.sub(r"\A[a-z]+://|:[0-9]+\Z", "", word.lower())


def _port(address: str) -> str:
    found = re.search(r":([0-9]+|\*)\Z", address)
    return found[1] if found else "*"


def _is_wild(word: str) -> bool:
    return "*" in word or "?" in word


def _pattern(word: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(letter, re.escape(letter)) for letter in word.lower()))
