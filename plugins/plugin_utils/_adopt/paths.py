# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The paths of the Jitsi site that lead elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from .backends import SITES, JitsiMachine, Vhost, address, path_of
from .judged import refusal
from .model import BEFORE, Remark, System

#: Jitsi's own, which the web server of the Jitsi machine passes on.
JITSIS_PATHS = ("/http-bind", "/xmpp-websocket", "/colibri-ws", "/colibri-relay-ws")
_CHALLENGES = "/.well-known/acme-challenge"
_SOCKET = re.compile(r"\Aws(?=s?:)", re.I)


def decide_paths(system: System, ours: Sequence[Vhost], jitsi: JitsiMachine) -> tuple[dict[str, str], list[Remark]]:
    """Return the backends of the paths that lead elsewhere than to the Jitsi site, and what cannot be a path."""
    taken: dict[str, str] = {}
    remarks = []
    is_secure = any(vhost["tls"] for vhost in ours)
    for vhost in sorted(ours, key=lambda one: not one["tls"]):
        for path, url in _elsewhere(vhost, jitsi):
            is_redirected = is_secure and not vhost["tls"]
            objection = _of_jitsi(vhost, path, url, jitsi) or _objection(vhost, path, url, taken, is_redirected)
            if objection:
                remarks.append(Remark(system.proxy.machine, *objection, SITES))
            else:
                taken[path] = url
    return taken, [*remarks, *_verified(system, taken)]


def _elsewhere(vhost: Vhost, jitsi: JitsiMachine) -> Iterator[tuple[str, str]]:
    for backend in vhost["backends"]:
        path, url = backend["path"], backend["url"]
        if path != "/" and not _is_covered(path, url, jitsi):
            # A WebSocket begins as a request over http, and the site passes both on.
            yield path, _SOCKET.sub("http", url)


def _is_covered(path: str, url: str, jitsi: JitsiMachine) -> bool:
    """Whether a request gets where the site's backend leads it anyway."""
    to = address(url)
    if not to or to.host not in jitsi.hosts or (to.scheme, to.port) not in jitsi.doors:
        return False
    return path_of(url).rstrip("/") == path.rstrip("/")


def _named(vhost: Vhost, path: str, url: str) -> str:
    return f"ProxyPass {path} {url} in {vhost['file']}"


def _of_jitsi(vhost: Vhost, path: str, url: str, jitsi: JitsiMachine) -> tuple[str, str] | None:
    to = address(url)
    if not to or to.host not in jitsi.hosts or not path.startswith(JITSIS_PATHS):
        return None
    what = f"{_named(vhost, path, url)} goes past the web server of the Jitsi machine"
    return what, "Nothing, because that web server passes the path on after the first run"


def _objection(
    vhost: Vhost, path: str, url: str, taken: Mapping[str, str], is_redirected: bool
) -> tuple[str, str] | None:
    """Why a path is not taken over, and what to do about it."""
    if path in taken:
        what = f"{_named(vhost, path, url)} contradicts {taken[path]} for the same path"
        return None if taken[path] == url else (what, "Check which is right; the inventory has the latter")
    if path.startswith(_CHALLENGES):
        what = f"{_named(vhost, path, url)} passes the challenges of certificates on, and the first run answers them"
        return what, (
            "If that machine renews a certificate, write the line into a file in /etc/apache2/conf-enabled, and set"
            " reverse_proxy_acme_webroot to an empty value"
        )
    if is_redirected:
        what = f"{_named(vhost, path, url)} answers on port 80, where the first run redirects each request to https"
        return what, "Add the path to paths if people need it"
    refused = refusal({"paths": [{"path": path, "backend": url}]})
    if refused:
        return f"{_named(vhost, path, url)} is no path for the role: {refused[0]}", f"Add it to paths: {refused[1]}"
    return None


def _verified(system: System, taken: Mapping[str, str]) -> Iterator[Remark]:
    for path, url in taken.items():
        to = address(url)
        if to and to.scheme == "https":
            what = f"{path} leads to {url}, and the first run accepts only the certificate of the Jitsi machine"
            remedy = (
                f"Lead it to http, or set backend_ca to both certificates; that of {to.host} must be for {system.fqdn}"
            )
            yield Remark(system.proxy.machine, what, remedy, SITES, BEFORE)


def other_backends(system: System, ours: Sequence[Vhost], local: str) -> Iterator[Remark]:
    """The vhosts whose first page is somewhere else than the inventory says."""
    for vhost in ours:
        for backend in vhost["backends"]:
            url = backend["url"]
            to = address(url)
            if backend["path"] != "/" or (to and to.host == local and path_of(url) in ("", "/")):
                continue
            goal = to.host if to and to.host != local else url
            yield Remark(
                system.proxy.machine,
                f"The vhost in {vhost['file']} leads to {goal}, but the Jitsi machine has {local}",
                "Check which machine is meant; the first run leads the site to the Jitsi machine",
                SITES,
            )
