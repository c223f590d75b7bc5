# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of Apache: sites, judged before anything is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from ..errors import CoreError
from .directives import server_only_in

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_BACKEND = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?/[^\s\"\\]*")
_PATH = re.compile(r"/[^\s\"\\]*")
_FILE = re.compile(r"/[^\s\"\\]+")
_HEADER = re.compile(r"[A-Za-z0-9!#$&'*+.^_`|~-]+")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----")
_SECTION = re.compile(r"^[ \t]*<(/?)([A-Za-z]+)", re.M)
_LONGEST_TIMEOUT = 86400


class SiteError(CoreError):
    """Sites that cannot be. The message says which one, what is wrong and what to do about it."""


@dataclass(frozen=True)
class Route:
    """One path of a site and the backend that it leads to. ``timeout`` is in seconds."""

    path: str
    backend: str
    websocket: bool
    timeout: int

    @property
    def is_https(self) -> bool:
        """Whether the connection to the backend is encrypted."""
        return self.backend.startswith("https:")


@dataclass(frozen=True)
class Site:
    """One site. ``hsts`` is in seconds, 0 for none; a header whose value is None is taken away."""

    name: str
    aliases: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    redirect_aliases: bool = True
    preserve_host: bool = True
    backend_ca: str = ""
    backend_ca_file: str = ""
    backend_unverified: bool = False
    certificate: str = "selfsigned"
    certificate_file: str = ""
    certificate_key_file: str = ""
    hsts: int = 0
    request_headers: tuple[tuple[str, str | None], ...] = ()
    response_headers: tuple[tuple[str, str | None], ...] = ()
    extra_directives: str = ""
    present: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that it answers for."""
        return (self.name, *self.aliases)

    @property
    def may_hold_secrets(self) -> bool:
        """Whether its vhost is for root alone: a header for a backend, or a directive, may be a credential."""
        return bool(self.extra_directives or any(value is not None for _name, value in self.request_headers))

    @property
    def has_own_certificate(self) -> bool:
        """Whether its certificate lies in the folder of ours."""
        return self.present and self.certificate != "provided"


def parse_sites(listed: Sequence[Mapping[str, Any]]) -> tuple[Site, ...]:
    """Judge sites.

    :param listed: the option ``sites`` of the module; what is not said may be missing or None.
    :raises SiteError: if something is wrong.
    """
    _refuse_names([name for each in listed for name in _names(each)])
    _refuse_twice(listed)
    return tuple(_parse(each) for each in listed)


def refuse_folders(folders: Mapping[str, str], empty: Sequence[str] = ()) -> None:
    """Refuse folders that a directive of Apache cannot name.

    :param folders: paths, by the option that says them.
    :param empty: the options that may be empty.
    :raises SiteError: for a path that is not absolute, or has blanks, line ends, quotes or variables in it.
    """
    for option, path in folders.items():
        allowed = not path and option in empty
        if not allowed and (not _FILE.fullmatch(path) or "${" in path or "'" in path):
            raise SiteError(
                f"{option} is {path!r}, which is no path that Apache can be told: "
                "give an absolute one without blanks, line ends, quotes and ${"
            )


def is_fqdn(name: Any) -> bool:
    """Whether a value is a fully qualified host name in lower case."""
    if not isinstance(name, str) or len(name) > 253:
        return False
    labels = name.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or name.startswith("localhost."):
        return False
    return all(_LABEL.fullmatch(label) for label in labels)


def _names(each: Mapping[str, Any]) -> list[str]:
    name, aliases = str(each.get("name", "")), each.get("aliases") or ()
    if not isinstance(aliases, (list, tuple)):
        raise _wrong(name, "aliases that are no list", "write a list of names, such as [www.example.org]")
    return [name, *(str(alias) for alias in aliases)]


def _refuse_names(names: list[str]) -> None:
    wrong = [name for name in names if not is_fqdn(name)]
    if wrong:
        raise SiteError(
            f"reverse_proxy_sites names {', '.join(wrong)}, which is not a fully qualified host name in lower case: "
            "use a name with a dot for which a certificate can be had, for example jitsi.example.org"
        )


def _refuse_twice(listed: Sequence[Mapping[str, Any]]) -> None:
    """A site that goes may have its name used as another one's alias from now on."""
    sites = [str(each["name"]) for each in listed]
    answered = [name for each in listed if each.get("state") != "absent" for name in _names(each)]
    for names in (sites, answered):
        if len(set(names)) < len(names):
            raise SiteError(
                f"reverse_proxy_sites says a name twice in {', '.join(names)}: give each site and alias a name of its "
                "own"
            )


def _parse(each: Mapping[str, Any]) -> Site:
    said = {name: value for name, value in each.items() if value is not None}
    name = str(said["name"])
    aliases = tuple(str(alias) for alias in said.get("aliases", ()))
    if said.get("state", "present") == "absent":
        return Site(name, aliases, present=False)
    site = Site(
        name,
        aliases,
        routes=_routes(name, said),
        redirect_aliases=bool(said.get("redirect_aliases", True)),
        preserve_host=bool(said.get("preserve_host", True)),
        backend_ca=_certificates(name, said.get("backend_ca", "")),
        backend_ca_file=_file(name, "backend_ca_file", said),
        backend_unverified=bool(said.get("backend_unverified_and_open_to_impostors", False)),
        certificate=said.get("certificate", "selfsigned"),
        certificate_file=_file(name, "certificate_file", said),
        certificate_key_file=_file(name, "certificate_key_file", said),
        hsts=int(said.get("hsts", 0)),
        request_headers=_headers(name, "request_headers", said),
        response_headers=_headers(name, "response_headers", said),
        extra_directives=_directives(name, str(said.get("extra_directives", ""))),
    )
    _refuse_combinations(site)
    return site


def _wrong(name: str, what: str, remedy: str) -> SiteError:
    return SiteError(f"reverse_proxy_sites has for {name} {what}: {remedy}")


def _routes(name: str, said: Mapping[str, Any]) -> tuple[Route, ...]:
    pairs = list(said.get("paths", ()))
    if said.get("backend"):
        pairs.append({"path": "/", "backend": said["backend"]})
    if not pairs:
        raise _wrong(name, "no backend", "say backend, paths, or state: absent")
    routes = [_route(name, said, pair) for pair in pairs]
    paths = [route.path for route in routes]
    for path in paths:
        if paths.count(path) > 1:
            raise _wrong(name, f"two backends for the path {path}", "keep one, or give the other one a path of its own")
    # Apache takes the first path that fits.
    return tuple(sorted(routes, key=lambda route: (-len(route.path), route.path)))


def _route(name: str, said: Mapping[str, Any], pair: Mapping[str, Any]) -> Route:
    path, backend = str(pair.get("path") or ""), str(pair.get("backend") or "")
    _refuse_backend(path, backend)
    if not _PATH.fullmatch(path) or "${" in path:
        raise _wrong(name, f"the path {path!r}", "begin it with a slash, without blanks and quotes, like /jenkins/")
    if path.endswith("/") != backend.endswith("/"):
        raise _wrong(name, f"{path} leading to {backend}", "end both with a slash, or neither")
    websocket = _first(pair.get("websocket"), said.get("websocket"), False)
    timeout = _first(pair.get("timeout"), said.get("timeout"), 900 if websocket else 60)
    try:
        seconds = int(timeout)
    except (TypeError, ValueError):
        seconds = 0
    if not 1 <= seconds <= _LONGEST_TIMEOUT:
        raise _wrong(name, f"the timeout {timeout}", f"give seconds from 1 to {_LONGEST_TIMEOUT}")
    return Route(path, backend, bool(websocket), seconds)


def _refuse_backend(path: str, backend: str) -> None:
    fits = _BACKEND.fullmatch(backend) and (path != "/" or backend.endswith("/")) and "${" not in backend
    port = re.match(r"[a-z]+://[^:/]+:([0-9]+)", backend)
    if not fits or (port and not 0 < int(port[1]) < 65536):
        raise SiteError(
            f"reverse_proxy_sites has the backend {backend}, which is not an http or https URL that ends in a slash: "
            "write it like https://192.168.122.120/ or http://192.168.122.110:8080/"
        )


def _first(*values: Any) -> Any:
    return next(value for value in values if value is not None)


def _certificates(name: str, text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if "PRIVATE KEY" in text:
        raise _wrong(
            name, "a private key in backend_ca", "give certificates alone, and make a new key: this one is known"
        )
    if text and not _PEM.search(text):
        raise _wrong(
            name, "a backend_ca that is no certificate", "give PEM text that begins with -----BEGIN CERTIFICATE"
        )
    return text + "\n" if text else ""


def _file(name: str, option: str, said: Mapping[str, Any]) -> str:
    path = str(said.get(option, ""))
    if path and (not _FILE.fullmatch(path) or "${" in path):
        raise _wrong(name, f"{option}: {path}", "give an absolute path without blanks and quotes")
    return path


def _headers(name: str, option: str, said: Mapping[str, Any]) -> tuple[tuple[str, str | None], ...]:
    found = []
    for header, value in (said.get(option) or {}).items():
        if not _HEADER.fullmatch(str(header)):
            raise _wrong(name, f"the header {header!r} in {option}", "use letters, digits and hyphens")
        if value is not None and not _can_be_value(str(value)):
            raise _wrong(name, f"a value of {header} in {option} that Apache would read otherwise", _VALUES)
        found.append((str(header), None if value is None else str(value)))
    return tuple(found)


_VALUES = "leave out line breaks, ${ and expr= at its start, or write it in extra_directives"


def _can_be_value(value: str) -> bool:
    return value.isprintable() and "${" not in value and not value.startswith("expr=")


def _directives(name: str, text: str) -> str:
    if "\0" in text:
        raise _wrong(name, "extra_directives with a NUL", "leave it out")
    open_sections: list[str] = []
    for closes, section in _SECTION.findall(text):
        if not closes:
            open_sections.append(section.lower())
        elif not open_sections or open_sections.pop() != section.lower():
            raise _wrong(name, f"extra_directives that close <{section}>", "close only sections that they open")
    if open_sections:
        raise _wrong(name, f"extra_directives that leave <{open_sections[-1]}> open", "close each section")
    wrong = server_only_in(text)
    if wrong:
        raise _wrong(
            name,
            f"extra_directives with {', '.join(wrong)}, which Apache allows only for the whole server",
            "take it out, and write it into a file in /etc/apache2/conf-available if all sites shall have it",
        )
    return text.strip("\n")


def _refuse_combinations(site: Site) -> None:
    name = site.name
    if site.certificate == "provided" and not (site.certificate_file and site.certificate_key_file):
        raise SiteError(
            f"reverse_proxy_sites says certificate: provided for {name} without both files: "
            "set certificate_file and certificate_key_file to their paths on the proxy"
        )
    if site.certificate != "provided" and (site.certificate_file or site.certificate_key_file):
        raise _wrong(name, "files of a certificate without certificate: provided", "add it, or leave the files out")
    if site.hsts < 0:
        raise _wrong(name, f"hsts: {site.hsts}", "give seconds, or 0 for none")
    if site.backend_ca and site.backend_ca_file:
        raise _wrong(name, "both backend_ca and backend_ca_file", "say one of them")
    _refuse_unused_verification(site)


def _refuse_unused_verification(site: Site) -> None:
    is_https = any(route.is_https for route in site.routes)
    if not is_https and (site.backend_ca_file or site.backend_unverified):
        raise _wrong(site.name, "how to verify a backend, but only backends of http", "use https, or leave it out")
    if site.backend_unverified and (site.backend_ca or site.backend_ca_file):
        raise _wrong(
            site.name,
            "both a pinned certificate and backend_unverified_and_open_to_impostors",
            "take the latter out, so that the certificate counts",
        )
