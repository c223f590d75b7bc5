# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a vhost says about its backends, and whether one of them proved who it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .rows import Part

_DIRECTIVE = re.compile(r"^[ \t]*(ServerName|ProxyPass|ProxyPreserveHost|SSLProxy\w+)[ \t]+(.*?)[ \t]*$", re.M | re.I)
_RESULT = re.compile(r"^\s*Verify return code: (\d+) \((.*)\)$", re.M)
_REMEDY = (
    "Check which machine answers there. If it is yours and its certificate changed, run selfhosted.jitsi.site to pin "
    "the new certificate, or correct backend_ca of the site. If it does not answer https, correct backend of the site"
)
#: What is found of a site whose proxy verifies nothing.
UNVERIFIED = "its certificate is not verified"
_UNVERIFIED_REMEDY = (
    "Remove backend_unverified_and_open_to_impostors from the site, and pin the backend's certificate with backend_ca"
)


@dataclass(frozen=True)
class Backend:
    """A backend of https.

    :param site: the name of the site.
    :param address: host and port.
    :param name: the name that it has to prove.
    :param authority: the file of the certificates that it may show.
    """

    site: str
    address: str
    name: str
    authority: str
    is_verified: bool


def read_vhosts(text: str) -> list[Backend]:
    """The backends of https in a file of vhosts that apache_sites wrote, each once."""
    found: dict[tuple[str, str], Backend] = {}
    for block in text.split("<VirtualHost ")[1:]:
        says = [(name.lower(), value) for name, value in _DIRECTIVE.findall(block)]
        settings = dict(says)
        for name, value in says:
            backend = _backend(settings, value.split()) if name == "proxypass" else None
            if backend:
                found.setdefault((backend.address, backend.name), backend)
    return list(found.values())


def _backend(settings: dict[str, str], words: list[str]) -> Backend | None:
    if len(words) < 2 or not words[1].startswith("https://"):
        return None
    url = urlsplit(words[1])
    site = settings.get("servername", "")
    keeps = settings.get("proxypreservehost", "off").lower() == "on"
    return Backend(
        site,
        f"{url.hostname}:{url.port or 443}",
        site if keeps else str(url.hostname),
        settings.get("sslproxycacertificatefile", "").strip('"'),
        settings.get("sslproxyverify", "none").lower() == "require",
    )


def judge(_machine: str, part: Part) -> list[Verdict]:
    """Return a verdict about each backend.

    :param part: ``answers``, the results of openssl s_client in a loop over backends.
    """
    return [
        judge_backend(Backend(**answer["item"]), f"{answer.get('stdout', '')}\n{answer.get('stderr', '')}")
        for answer in part["answers"]
    ]


def judge_backend(backend: Backend, said: str) -> Verdict:
    """A verdict about a backend.

    :param said: what ``openssl s_client`` printed; it does not matter for one that is not verified.
    """
    name = f"{backend.site}: the backend {backend.address} proves its identity"
    expected = f"a certificate for {backend.name}"
    if not backend.is_verified:
        return Verdict(name, False, expected, UNVERIFIED, _UNVERIFIED_REMEDY)
    results = _RESULT.findall(said)
    problem = next((words for code, words in results if code != "0"), "")
    if results and not problem and "BEGIN CERTIFICATE" in said:
        return Verdict(name, True, expected, expected, "")
    return Verdict(name, False, expected, problem or _without_certificate(said), _REMEDY)


def _without_certificate(said: str) -> str:
    for words, meaning in (("wrong version number", "no https"), ("packet length too long", "no https")):
        if words in said:
            return meaning
    refused = re.search(r"connect: ?errno=\d+|Connection refused|No route to host|Connection timed out", said)
    return f"no answer ({refused[0]})" if refused else "no certificate"
