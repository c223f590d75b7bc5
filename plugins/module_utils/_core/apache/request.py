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
    _refuse_names([pair for position, each in enumerate(listed) for pair in _names(position, each)])
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
                f"{option}: {path!r} is not a path that Apache accepts; give an absolute path without blanks, line "
                "ends, quotes, backslashes and ${"
            )


def is_fqdn(name: Any) -> bool:
    """Whether a value is a fully qualified host name in lower case."""
    if not isinstance(name, str) or len(name) > 253:
        return False
    labels = name.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or name.startswith("localhost."):
        return False
    return all(_LABEL.fullmatch(label) for label in labels)


def _names(position: int, each: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every name of a site, each with its path among the options in front of it."""
    where, aliases = f"sites[{position}]", each.get("aliases") or ()
    if not isinstance(aliases, (list, tuple)):
        raise SiteError(f"{where}.aliases: {aliases!r} is not a list; use for example [www.example.org]")
    found = [(f"{where}.name", str(each.get("name", "")))]
    return [*found, *((f"{where}.aliases[{number}]", str(alias)) for number, alias in enumerate(aliases))]


def _refuse_names(names: list[tuple[str, str]]) -> None:
    wrong = [(where, name) for where, name in names if not is_fqdn(name)]
    if wrong:
        problems = [f"{where}: {name!r} is not a fully qualified host name in lower case" for where, name in wrong]
        longer = f"{wrong[0][1]}.example.org"
        example = longer if longer.count(".") == 2 and is_fqdn(longer) else "jitsi.example.org"
        raise SiteError(f"{'; '.join(problems)}; use for example {example}")


def _refuse_twice(listed: Sequence[Mapping[str, Any]]) -> None:
    """A site that goes may have its name used as another one's alias from now on."""
    sites = [str(each["name"]) for each in listed]
    staying = [(position, each) for position, each in enumerate(listed) if each.get("state") != "absent"]
    answered = [name for position, each in staying for _where, name in _names(position, each)]
    for names in (sites, answered):
        twice = list(dict.fromkeys(repr(name) for name in names if names.count(name) > 1))
        if twice:
            what = "name" if len(twice) == 1 else "names"
            raise SiteError(f"sites: duplicate {what} {', '.join(twice)}; each name and alias must be unique")


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


def _wrong(where: str, what: str, remedy: str) -> SiteError:
    """An error about an option.

    :param where: its path among the options, as :func:`_site` begins it.
    """
    return SiteError(f"{where}: {what}; {remedy}")


def _site(name: str) -> str:
    """The path of a site among the options. Roles put lists together, so its name tells more than its position."""
    return f"sites[{name!r}]"


def _routes(name: str, said: Mapping[str, Any]) -> tuple[Route, ...]:
    site = _site(name)
    pairs = [(f"{site}.paths[{position}]", pair) for position, pair in enumerate(said.get("paths", ()))]
    if said.get("backend"):
        pairs.append((site, {"path": "/", "backend": said["backend"]}))
    if not pairs:
        raise _wrong(site, "no backend", "set backend, paths or state: absent")
    routes = [_route(site, where, said, pair) for where, pair in pairs]
    paths = [route.path for route in routes]
    for path in paths:
        if paths.count(path) > 1:
            remedy = "keep one of its backends (the option backend is that of '/')"
            raise _wrong(f"{site}.paths", f"duplicate path {path!r}", remedy)
    _refuse_disagreement(pairs, routes)
    # Apache takes the first path that fits.
    return tuple(sorted(routes, key=lambda route: (-len(route.path), route.path)))


def _refuse_disagreement(pairs: Sequence[tuple[str, Mapping[str, Any]]], routes: Sequence[Route]) -> None:
    """Refuse different settings of one backend: Apache has one set of them for each URL."""
    first: dict[str, tuple[str, Route]] = {}
    for (where, _pair), route in zip(pairs, routes):
        earlier, other = first.setdefault(route.backend, (where, route))
        if (route.websocket, route.timeout) != (other.websocket, other.timeout):
            what = f"{route.backend!r} has another websocket or timeout in {earlier}"
            raise _wrong(where, what, "give both paths the same values, because Apache has one for each backend")


def _route(site: str, where: str, said: Mapping[str, Any], pair: Mapping[str, Any]) -> Route:
    """One path of a site.

    :param site: the path of the site among the options.
    :param where: the same of what says the backend.
    """
    path, backend = str(pair.get("path") or ""), str(pair.get("backend") or "")
    _refuse_backend(where, path, backend)
    if not _PATH.fullmatch(path) or "${" in path:
        raise _wrong(
            f"{where}.path",
            f"{path!r} is not a valid path",
            "begin it with a slash, and leave out blanks, quotes, backslashes and ${, for example /jenkins/",
        )
    if path.endswith("/") != backend.endswith("/"):
        what = f"only one of path {path!r} and backend {backend!r} ends in a slash"
        raise _wrong(where, what, "end both in a slash, or neither")
    websocket = _first(pair.get("websocket"), said.get("websocket"), False)
    timeout = _first(pair.get("timeout"), said.get("timeout"), 900 if websocket else 60)
    try:
        seconds = int(timeout)
    except (TypeError, ValueError):
        seconds = 0
    if not 1 <= seconds <= _LONGEST_TIMEOUT:
        own = where if pair.get("timeout") is not None else site
        what = f"{timeout!r} is not between 1 and {_LONGEST_TIMEOUT}"
        raise _wrong(f"{own}.timeout", what, "give a number of seconds")
    return Route(path, backend, bool(websocket), seconds)


def _refuse_backend(where: str, path: str, backend: str) -> None:
    fits = _BACKEND.fullmatch(backend) and (path != "/" or backend.endswith("/")) and "${" not in backend
    port = re.match(r"[a-z]+://[^:/]+:([0-9]+)", backend)
    if not fits or (port and not 0 < int(port[1]) < 65536):
        form = "that ends in a slash" if path == "/" else "with a path"
        raise _wrong(
            f"{where}.backend",
            f"{backend!r} has a port outside 1 to 65535" if fits else f"{backend!r} is not an http or https URL {form}",
            "use for example https://192.168.122.120/ or http://192.168.122.110:8080/",
        )


def _first(*values: Any) -> Any:
    return next(value for value in values if value is not None)


def _certificates(name: str, text: str) -> str:
    text, where = text.replace("\r\n", "\n").strip(), f"{_site(name)}.backend_ca"
    if "PRIVATE KEY" in text:
        remedy = "give only certificates, and replace the key, because it is no longer secret"
        raise _wrong(where, "the text contains a private key", remedy)
    if text and not _PEM.search(text):
        remedy = "give PEM text that begins with -----BEGIN CERTIFICATE-----"
        raise _wrong(where, "the text contains no certificate", remedy)
    return text + "\n" if text else ""


def _file(name: str, option: str, said: Mapping[str, Any]) -> str:
    path = str(said.get(option, ""))
    if path and (not _FILE.fullmatch(path) or "${" in path):
        raise _wrong(
            f"{_site(name)}.{option}",
            f"{path!r} is not a path that Apache accepts",
            "give an absolute path without blanks, quotes, backslashes and ${",
        )
    return path


def _headers(name: str, option: str, said: Mapping[str, Any]) -> tuple[tuple[str, str | None], ...]:
    found, where = [], f"{_site(name)}.{option}"
    for header, value in (said.get(option) or {}).items():
        if not _HEADER.fullmatch(str(header)):
            raise _wrong(where, f"{header!r} is not a valid name of a header", "use letters, digits and hyphens")
        if value is not None and not _can_be_value(str(value)):
            raise _wrong(f"{where}[{str(header)!r}]", "Apache would interpret the value", _VALUES)
        found.append((str(header), None if value is None else str(value)))
    return tuple(found)


_VALUES = "remove line breaks, ${ and expr= at its start, or set the header in extra_directives"


def _can_be_value(value: str) -> bool:
    return value.isprintable() and "${" not in value and not value.startswith("expr=")


def _directives(name: str, text: str) -> str:
    where = f"{_site(name)}.extra_directives"
    if "\0" in text:
        raise _wrong(where, "the text contains a NUL character", "remove it")
    open_sections: list[str] = []
    for closes, section in _SECTION.findall(text):
        if not closes:
            open_sections.append(section.lower())
        elif not open_sections or open_sections.pop() != section.lower():
            raise _wrong(where, f"</{section}> closes a section that is not open", "close only sections of this text")
    if open_sections:
        raise _wrong(where, f"<{open_sections[-1]}> is not closed", "close each section")
    wrong = server_only_in(text)
    if wrong:
        raise _wrong(
            where,
            f"Apache allows {', '.join(wrong)} only for the whole server",
            "remove it here. To set it for all sites, write it into a file in /etc/apache2/conf-available.",
        )
    return text.strip("\n")


def _refuse_combinations(site: Site) -> None:
    where = _site(site.name)
    if site.certificate == "provided" and not (site.certificate_file and site.certificate_key_file):
        raise _wrong(
            f"{where}.certificate",
            "'provided' needs the files of a certificate and its key",
            "set certificate_file and certificate_key_file to their paths on the proxy",
        )
    if site.certificate != "provided" and (site.certificate_file or site.certificate_key_file):
        option = "certificate_file" if site.certificate_file else "certificate_key_file"
        file = site.certificate_file or site.certificate_key_file
        what = f"{file!r} has no effect with certificate: {site.certificate}"
        raise _wrong(f"{where}.{option}", what, "set certificate: provided, or remove the files")
    if site.hsts < 0:
        raise _wrong(
            f"{where}.hsts", f"{site.hsts} is negative", "give a number of seconds, or 0 to let the backend decide"
        )
    if site.backend_ca and site.backend_ca_file:
        raise _wrong(where, "backend_ca and backend_ca_file are both set", "keep one of them")
    _refuse_unused_verification(site)


def _refuse_unused_verification(site: Site) -> None:
    where = _site(site.name)
    unverified = f"{where}.backend_unverified_and_open_to_impostors"
    is_https = any(route.is_https for route in site.routes)
    if not is_https and (site.backend_ca_file or site.backend_unverified):
        option = f"{where}.backend_ca_file" if site.backend_ca_file else unverified
        value = repr(site.backend_ca_file) if site.backend_ca_file else "true"
        what = f"{value} has no effect, because all backends use http"
        raise _wrong(option, what, "use an https backend, or remove this option")
    if site.backend_unverified and (site.backend_ca or site.backend_ca_file):
        option = "backend_ca" if site.backend_ca else "backend_ca_file"
        raise _wrong(unverified, f"true contradicts {option}", "remove this option to verify the certificate")
