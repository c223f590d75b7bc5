# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings that a browser gets from config.js, judged."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NamedTuple
from urllib.parse import urljoin, urlsplit

from ..config_js.values import Value, Values
from ..errors import CoreError
from ..javascript.tokens import UnclearError
from .page import HTML
from .verdict import NO_ANSWER, HttpSeen, Verdict, excerpt, shorten, verdict_of

_CORRECT = (
    "Correct {key} in {file} on the Jitsi machine: {right}. If your own settings of config.js name it, correct it there"
)
_UNREADABLE = "On the Jitsi machine run: chmod a+r {file}"
_NO_SSI = (
    "nginx does not process this include. In the server block of the site's file on the Jitsi machine, add 'ssi on'"
    " and 'ssi_types application/javascript', and reload nginx"
)


class _Rule(NamedTuple):
    """How one setting must be.

    :param is_right: what judges its text, by the domain.
    :param right: what the packages write, with DOMAIN for the domain.
    """

    path: tuple[str, ...]
    is_right: Callable[[str, str], bool]
    right: str
    is_required: bool = False

    @property
    def key(self) -> str:
        return ".".join(("config", *self.path))


def judge_settings(request: Mapping[str, Any], seen: HttpSeen) -> Verdict:
    """Say whether config.js can be read, and leads browsers to the site's own XMPP server."""
    domain = request["domain"]
    expected = f"settings of {domain}"
    found, remedy = _unread(seen, domain)
    if found:
        return verdict_of(request, False, expected, found, remedy)
    try:
        values = Values(seen.body)
    except UnclearError as error:
        return verdict_of(request, True, expected, f"not judged: {error}")
    except CoreError as error:
        remedy = f"Correct line {error.line} of {_file(domain)} on the Jitsi machine"
        return verdict_of(request, False, expected, str(error), remedy)
    if not values.is_declared:
        return verdict_of(request, False, expected, "no object config", _reinstalled(domain))
    found, remedy = _wrong(values, domain)
    return verdict_of(request, not found, expected, found or _right(values, expected), remedy)


def _unread(seen: HttpSeen, domain: str) -> tuple[str, str]:
    if seen.status is None:
        return seen.error, NO_ANSWER
    if seen.status == 403:
        return "403", _UNREADABLE.format(file=_file(domain))
    if seen.status != 200:
        return f"{seen.status} {seen.location}".rstrip() + excerpt(seen.body), _reinstalled(domain)
    if seen.content_type.startswith(HTML):
        return f"200, but a page of {HTML}" + excerpt(seen.body), _reinstalled(domain)
    return "", ""


def _wrong(values: Values, domain: str) -> tuple[str, str]:
    """The first setting that is wrong and what to do, or nothing."""
    for rule in RULES:
        value = values.of(rule.path)
        if not value.is_known or (value.text and rule.is_right(value.text, domain)):
            continue
        if value.text or rule.is_required:
            return _words(rule.key, value.text), _remedy(rule, value.text, domain)
    if all(values.of(path) == Value() for path in STREAMS):
        return "neither config.bosh nor config.websocket is set", _remedy(BOSH, "", domain)
    return "", ""


def _right(values: Values, expected: str) -> str:
    unknown = [rule.key for rule in RULES if not values.of(rule.path).is_known]
    return f"{expected}, but for {', '.join(unknown)}, which code computes" if unknown else expected


def _words(key: str, text: str) -> str:
    return f"{key} is {shorten(text)}" if text else f"{key} is not set"


def _remedy(rule: _Rule, text: str, domain: str) -> str:
    if "<!--#" in text:
        return _NO_SSI
    return _CORRECT.format(key=rule.key, file=_file(domain), right=rule.right.replace("DOMAIN", domain))


def _reinstalled(domain: str) -> str:
    return (
        f"Run selfhosted.jitsi.site, and check that {_file(domain)} is on the Jitsi machine and that nginx can read it"
    )


def _file(domain: str) -> str:
    return f"/etc/jitsi/meet/{domain}-config.js"


def _is(prefix: str) -> Callable[[str, str], bool]:
    return lambda text, domain: text.lower() == f"{prefix}{domain}".lower()


def _is_bosh(text: str, domain: str) -> bool:
    """Browsers take this URL as relative to the page."""
    return _leads_to(text, "https", domain, "/http-bind", f"https://{domain}/")


def _is_websocket(text: str, domain: str) -> bool:
    return _leads_to(text, "wss", domain, "/xmpp-websocket")


def _leads_to(url: str, scheme: str, domain: str, path: str, base: str = "") -> bool:
    try:
        parts = urlsplit(urljoin(base, url))
        port = parts.port
    except ValueError:
        return False
    is_own = (parts.hostname or "") == domain.lower() and port in (None, 443)
    return is_own and parts.scheme == scheme and parts.path == path


STREAMS = (("bosh",), ("websocket",))
BOSH = _Rule(("bosh",), _is_bosh, "//DOMAIN/http-bind")
RULES = (
    _Rule(("hosts", "domain"), _is(""), "DOMAIN", is_required=True),
    _Rule(("hosts", "muc"), _is("conference."), "conference.DOMAIN", is_required=True),
    _Rule(("hosts", "anonymousdomain"), _is("guest."), "guest.DOMAIN"),
    BOSH,
    _Rule(("websocket",), _is_websocket, "wss://DOMAIN/xmpp-websocket"),
)
