# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a site's vhosts, as a careful administrator would write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence

from . import client_headers as apache_client_headers
from . import logs as apache_logs
from .request import Route, Site
from .shown import ADDED

MARK = "# Managed by Ansible: selfhosted.jitsi.reverse_proxy"
_FIRST_LINE = f"{MARK}. Changes made here are lost with its next run."
SYSTEM_CA = "/etc/ssl/certs/ca-certificates.crt"
_CHALLENGES = "/.well-known/acme-challenge/"
#: Who answers to names that nobody serves. The name says nothing about the sites of the machine.
UNKNOWN = Site("unknown.invalid")

# Mozilla's intermediate configuration, version 5.7.
_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305"
)


@dataclass(frozen=True)
class Settings:
    """What all sites share.

    :param version: Apache's, as numbers.
    :param log_addresses: how much of clients' addresses is logged, one of ``apache_logs.ADDRESSES``.
    :param http2: whether browsers may speak HTTP/2.
    :param acme_webroot: where challenges lie; empty to leave them to what is already there.
    """

    certificate_directory: str = "/etc/ssl/selfhosted"
    backend_directory: str = "/etc/apache2/backends"
    acme_webroot: str = "/var/www/acme"
    log_directory: str = "/var/log/apache2"
    log_addresses: str = apache_logs.FULL
    version: tuple[int, ...] = (2, 4, 62)
    http2: bool = True

    @property
    def upgrades(self) -> bool:
        """Whether mod_proxy_http passes WebSocket connections, as it does since 2.4.47."""
        return self.version >= (2, 4, 47)

    def certificate(self, site: Site) -> tuple[str, str]:
        """The paths of a site's certificate and its key."""
        if site.certificate == "provided":
            return site.certificate_file, site.certificate_key_file
        own = f"{self.certificate_directory}/{site.name}"
        return f"{own}.crt", f"{own}.key"

    def pinned(self, site: Site) -> str:
        """The path of the certificates that a site's backends may show."""
        return f"{self.backend_directory}/{site.name}.pem"


def render(site: Site, settings: Settings) -> str:
    """The text of the file of one site."""
    together = [site.names] if site.redirect_aliases else [(name,) for name in site.names]
    parts = [_plain(names, settings) for names in together]
    parts.append(_secure(site, settings))
    if site.aliases and site.redirect_aliases:
        parts.append(_aliases(site, settings))
    return _FIRST_LINE + "\n" + "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def render_unknown(settings: Settings) -> str:
    """The text of the file that Apache reads first: without it the first of all sites answers to strangers."""
    lines = [
        _FIRST_LINE,
        "# Clients that ask for a name which no site has get this, and learn no site's name from its certificate.",
        "<VirtualHost *:443>",
        f"    ServerName {UNKNOWN.name}",
        *_tls(UNKNOWN, settings),
        *_logs(settings),
        "    Redirect 421 /",
        "</VirtualHost>",
    ]
    return "\n".join(lines) + "\n"


def modules(site: Site, settings: Settings) -> set[str]:
    """The modules of Apache that a site needs."""
    needed = {"alias", "headers", "proxy", "proxy_http", "ssl"}
    if settings.log_addresses == apache_logs.TRUNCATED:
        needed.add("setenvif")
    if settings.http2:
        needed.add("http2")
    if not settings.upgrades and any(route.websocket for route in site.routes):
        needed |= {"proxy_wstunnel", "rewrite"}
    return needed


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _logs(settings: Settings) -> list[str]:
    return _indented(apache_logs.directives(settings.log_addresses, settings.log_directory))


def _plain(names: tuple[str, ...], settings: Settings) -> list[str]:
    """The vhost of some names on port 80; the first one is where they all belong."""
    lines = ["<VirtualHost *:80>", f"    ServerName {names[0]}"]
    lines += [f"    ServerAlias {alias}" for alias in names[1:]]
    lines += ["    ServerSignature Off", *_logs(settings)]
    if settings.acme_webroot:
        folder = settings.acme_webroot + _CHALLENGES
        lines += [
            "    # Challenges are served here, the rest belongs on https with its path and query.",
            f'    Alias "{_CHALLENGES}" "{folder}"',
            f'    <Directory "{folder}">',
            "        AllowOverride None",
            "        Options None",
            "        Require all granted",
            "    </Directory>",
        ]
    else:
        lines += ["    # Challenges are left to what answers them already, the rest belongs on https."]
    others = "(?!/\\.well-known/acme-challenge/)"
    lines += [
        f'    RedirectMatch permanent "^{others}(/[^?#]*)$" "https://{names[0]}$1"',
        "    # RedirectMatch would take a decoded ? or # of the path for the beginning of a query or a fragment.",
        f'    <LocationMatch "^{others}/.*[?#]">',
        "        Require all granted",
        f"        Redirect permanent / https://{names[0]}/",
        "    </LocationMatch>",
    ]
    return [*lines, "</VirtualHost>"]


def _tls(site: Site, settings: Settings) -> list[str]:
    certificate, key = settings.certificate(site)
    return [
        "    SSLEngine on",
        f'    SSLCertificateFile "{certificate}"',
        f'    SSLCertificateKeyFile "{key}"',
        "    SSLProtocol -all +TLSv1.2 +TLSv1.3",
        f"    SSLCipherSuite {_CIPHERS}",
        "    SSLHonorCipherOrder off",
        "    SSLSessionTickets off",
        "    ServerSignature Off",
    ]


def _secure(site: Site, settings: Settings) -> list[str]:
    lines = ["<VirtualHost *:443>", f"    ServerName {site.name}"]
    if not site.redirect_aliases:
        lines += [f"    ServerAlias {alias}" for alias in site.aliases]
    lines += [f"    Protocols {'h2 ' if settings.http2 else ''}http/1.1", ""]
    lines += [*_tls(site, settings), *_logs(settings), ""]
    lines += [*_verification(site, settings), *_request(site), *_response(site), ""]
    shared = _shared(site.routes)
    lines += [line for route in shared for line in _worker(route, settings)]
    for route in site.routes:
        lines += _route(route, settings, is_shared=any(route.backend == one.backend for one in shared))
    if all(route.path != "/" for route in site.routes):
        known = "|".join(re.escape(route.path) for route in site.routes)
        lines += [f'    RedirectMatch 404 "^(?!{known})"']
    if site.extra_directives:
        lines += ["", f"    {ADDED}"]
        lines += [f"    {line}".rstrip() for line in site.extra_directives.split("\n")]
    return [*lines, "</VirtualHost>"]


def _verification(site: Site, settings: Settings) -> list[str]:
    if not any(route.is_https for route in site.routes):
        return []
    if site.backend_unverified:
        return [
            "    # NOT VERIFIED, as the inventory asks: whoever answers at the backend's address is believed.",
            "    SSLProxyEngine on",
            "    SSLProxyVerify none",
            "    SSLProxyCheckPeerName off",
            "    SSLProxyCheckPeerExpire off",
            "",
        ]
    if site.preserve_host:
        reason = f"    # The backend must prove that it is {site.name}: Apache checks the Host that it passes on."
    else:
        reason = "    # The backend must prove that it has the name by which it is called."
    authority = settings.pinned(site) if site.backend_ca else site.backend_ca_file or SYSTEM_CA
    return [
        reason,
        "    SSLProxyEngine on",
        "    SSLProxyVerify require",
        "    SSLProxyVerifyDepth 10",
        "    SSLProxyCheckPeerName on",
        "    SSLProxyCheckPeerExpire on",
        f'    SSLProxyCACertificateFile "{authority}"',
        "",
    ]


def _request(site: Site) -> list[str]:
    lines = [f"    ProxyPreserveHost {'On' if site.preserve_host else 'Off'}"]
    lines += _indented(apache_client_headers.directives())
    for name, value in site.request_headers:
        lines.append(f"    RequestHeader {_change(name, value)}")
    return lines


def _response(site: Site) -> list[str]:
    lines = ["    Header set Server Apache"]
    if site.hsts:
        # Two such headers would leave it to the browser which one counts.
        lines += ["    Header onsuccess unset Strict-Transport-Security"]
        lines += [f'    Header always set Strict-Transport-Security "max-age={site.hsts}"']
    for name, value in site.response_headers:
        lines += [f"    Header onsuccess unset {name}", f"    Header always {_change(name, value)}"]
    return lines


def _change(name: str, value: str | None) -> str:
    if value is None:
        return f"unset {name}"
    quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'set {name} "{quoted}"'


def _shared(routes: Sequence[Route]) -> list[Route]:
    """The routes whose backends share a beginning, one for each backend, the longest backend first.

    Of such a pair Apache would have one worker serve both, with the settings of whichever comes first.
    """
    found = {route.backend: route for route in routes if any(_is_within(route, other) for other in routes)}
    return sorted(found.values(), key=lambda route: (-len(route.backend), route.backend))


def _is_within(one: Route, other: Route) -> bool:
    pair = one.backend, other.backend
    return one is not other and (pair[0].startswith(pair[1]) or pair[1].startswith(pair[0]))


def _worker(route: Route, settings: Settings) -> list[str]:
    """The settings of a backend, before any path names it."""
    return [
        f'    <Proxy "{route.backend}">',
        f"        ProxySet{_parameters(route, settings)}",
        "    </Proxy>",
    ]


def _parameters(route: Route, settings: Settings) -> str:
    upgrade = " upgrade=websocket" if route.websocket and settings.upgrades else ""
    return f"{upgrade} timeout={route.timeout}"


def _route(route: Route, settings: Settings, is_shared: bool) -> list[str]:
    """The lines of one path.

    :param is_shared: whether its backend has its settings already.
    """
    lines = []
    if route.websocket and not settings.upgrades:
        secure = "ws" + route.backend[len("http") :]
        path = route.path.replace(".", "\\.")
        lines += [
            "    RewriteEngine on",
            '    RewriteCond "%{HTTP:Upgrade}" "=websocket" [NC]',
            f'    RewriteRule "^{path}(.*)$" "{secure}$1" [P]',
        ]
    parameters = "" if is_shared else _parameters(route, settings)
    lines.append(f"    ProxyPass {route.path} {route.backend}{parameters}")
    lines.append(f"    ProxyPassReverse {route.path} {route.backend}")
    return lines


def _aliases(site: Site, settings: Settings) -> list[str]:
    lines = ["<VirtualHost *:443>", f"    ServerName {site.aliases[0]}"]
    lines += [f"    ServerAlias {alias}" for alias in site.aliases[1:]]
    lines += [*_tls(site, settings), *_logs(settings), f"    Redirect permanent / https://{site.name}/"]
    return [*lines, "</VirtualHost>"]
