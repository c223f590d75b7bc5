# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every host that a site's configuration names and that is not the site's own."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence

from ..errors import CoreError
from ..hocon.data import data_from
from ..java_properties.data import mapping_from
from ..javascript.values import texts_of
from ..prosody.external_services import service_hosts

_HOST = r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+|localhost)"
_PATTERNS = (
    # A scheme, or nothing but two slashes, and maybe a user.
    re.compile(rf"(?:\b[A-Za-z][A-Za-z0-9+.-]*:|^\s*)//(?:[^/@\s]*@)?{_HOST}"),
    re.compile(rf"\b(?:stun|turn)s?:{_HOST}"),
    re.compile(rf"(?:^|,)\s*{_HOST}:[0-9]{{1,5}}\s*(?=,|$)"),
)
# Names of what is only followed when somebody clicks on it, and of a name that only looks like an address.
_LINKS = re.compile(r"link|support_?url|legalurls|deploymentUrls|^clientNode$", re.IGNORECASE)


@dataclass(frozen=True)
class Named:
    """One host that a setting names.

    :param link: whether it is a link that nobody follows unless asked.
    """

    host: str
    file: str
    key: str
    link: bool


@dataclass(frozen=True)
class Texts:
    """The texts of a site's files, by their paths."""

    scripts: Mapping[str, str]
    hocon: Mapping[str, str]
    properties: Mapping[str, str]
    prosody: Mapping[str, str]


def hosts_in(text: str) -> list[str]:
    """The hosts in what looks like a URL, a STUN or TURN address, or host:port."""
    return [host.strip("[]").lower() for pattern in _PATTERNS for host in pattern.findall(text)]


def outside(texts: Texts, fqdn: str, own: Iterable[str]) -> tuple[list[Named], list[str]]:
    """The outside hosts, and a sentence for each file that cannot be judged.

    :param own: names and addresses that are the site's own, or wanted.
    """
    found: list[Named] = []
    problems: list[str] = []
    readers: tuple[tuple[Mapping[str, str], Callable[[str], Iterable[tuple[Sequence[str], str]]]], ...] = (
        (texts.scripts, texts_of),
        (texts.hocon, lambda text: _leaves(data_from(text), ())),
        (texts.properties, lambda text: (((key,), value) for key, value in mapping_from(text).items())),
    )
    for files, read in readers:
        for path, text in files.items():
            try:
                found.extend(_named(path, read(text)))
            except CoreError as error:
                problems.append(f"{path} cannot be parsed: {error}")
    services = service_hosts(texts.prosody.values(), fqdn)
    where = ", ".join(path for path, text in texts.prosody.items() if "external_services" in text)
    found.extend(Named(host.lower(), where, "external_services", False) for host in services)
    known = {name.lower() for name in own}
    kept = (named for named in found if not _is_own(named.host, fqdn.lower(), known))
    return list(dict.fromkeys(kept)), problems


def _named(file: str, settings: Iterable[tuple[Sequence[str], str]]) -> Iterator[Named]:
    for path, text in settings:
        for host in hosts_in(text):
            yield Named(host, file, ".".join(path), any(_LINKS.search(name) for name in path))


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path)
    elif isinstance(value, str):
        yield path, value


def _is_own(host: str, fqdn: str, own: set[str]) -> bool:
    if host == "localhost" or host in own or host == fqdn or host.endswith("." + fqdn):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
