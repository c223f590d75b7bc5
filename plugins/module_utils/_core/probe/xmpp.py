# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an XMPP client of a site reached, judged."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Iterable, Mapping

from .jingle import Candidate
from .sasl import plain
from .verdict import NO_ANSWER, Verdict, verdict_of

CONNECTION, STREAM, LOGIN, SESSION, ROOM, JICOFO = "connection", "stream", "login", "session", "room", "jicofo"
BRIDGE = "bridge"
MASK = "********"
#: Characters of a password that tell nothing.
CUT = 2
#: The end of the words about a bridge that does not answer where it takes media.
NO_MEDIA = ", which does not answer"
#: The beginning of the words about an answer over HTTP.
_STATUS = re.compile(r"([1-5][0-9]{2})\b")
_UNKNOWN_HOST = "Let the proxy keep the Host header (ProxyPreserveHost On): run selfhosted.jitsi.site"
_UNKNOWN_PATH = (
    "nginx on the Jitsi machine has no such location, or prosody lacks the module bosh or websocket: run "
    "selfhosted.jitsi.site, and compare the site's file with that of the package jitsi-meet-web-config"
)
_UNREACHED = (
    "The proxy does not reach nginx, or nginx does not reach prosody: see that both run on the Jitsi machine, and that "
    "prosody listens on port 5280"
)
_NO_UPGRADE = (
    "Let the proxy pass WebSocket upgrades on (upgrade=websocket at ProxyPass, or mod_proxy_wstunnel before Apache "
    "2.4.47): run selfhosted.jitsi.site"
)
_LOGS = "Read /var/log/apache2/error.log on the proxy, and /var/log/nginx/error.log on the Jitsi machine"
_LOG = "Read 'journalctl -u prosody' and /var/log/prosody on the Jitsi machine"
_JICOFO = "Read 'journalctl -u jicofo' and /var/log/jitsi/jicofo.log on the Jitsi machine, and restart jicofo"
_ACCOUNTS = (
    "The site asks guests for accounts. If guests shall get in, run selfhosted.jitsi.site, and see that no file of "
    "prosody sets another authentication for {host}. If they shall not, set check_guests to false"
)
_NO_ACCOUNTS = "The host admits no accounts. If it should, run selfhosted.jitsi.site"
_NO_BRIDGE = (
    "Correct what the rows about the bridges say. If they are in order, read /var/log/jitsi/jicofo.log on the Jitsi "
    "machine and /var/log/jitsi/jvb.log, and restart jitsi-videobridge2 and jicofo"
)
_NOT_PUBLIC = "Run selfhosted.jitsi.site, which tells the bridge its public address"
_SILENT = (
    "Correct what the rows about the datagrams say. If they are in order, the bridge's answers are lost: let all "
    "firewalls between pass UDP from its port"
)
_GUEST_ALONE = "Guests open no rooms on this site. Give the probe an account"


@dataclass(frozen=True)
class XmppSeen:
    """How far a client came.

    :param step: the step that failed, empty if none did.
    :param reason: why, in the server's words.
    :param is_offered: whether the server offers a way to log in that the client knows.
    :param candidates: the addresses that jicofo offers for the media.
    :param answering: those of them at which the bridge answered.
    """

    step: str = ""
    reason: str = ""
    is_offered: bool = True
    candidates: tuple[Candidate, ...] = ()
    answering: tuple[Candidate, ...] = ()


def login_domain(request: Mapping[str, Any]) -> str:
    """The XMPP host that the client logs in to."""
    return str(request.get("login_domain") or request["domain"]).lower()


def conference_domain(request: Mapping[str, Any]) -> str:
    """The XMPP host of the rooms."""
    return f"conference.{request['domain'].lower()}"


def focus_domain(request: Mapping[str, Any]) -> str:
    """The XMPP host that stands for jicofo."""
    return f"focus.{request['domain'].lower()}"


def expected_of(request: Mapping[str, Any], candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Those addresses of the bridge that may be used."""
    wanted = (request.get("expect_address") or "").split()
    return tuple(one for one in candidates if not wanted or one.address in wanted)


def judge_xmpp(request: Mapping[str, Any], seen: XmppSeen) -> Verdict:
    """Say whether the client got in and, if that was asked for, met jicofo in a room."""
    who = request.get("username") or "a guest"
    begin = f"login as {who}{_further(request)}"
    expected = begin + (_bridge_words(request) if request.get("bridge") else "")
    if not seen.step:
        return _judge_bridge(request, seen, begin, expected)
    found = seen.reason if seen.step == CONNECTION else f"{seen.step}: {seen.reason}"
    found = _without_login(request, found)
    return verdict_of(request, False, expected, found, _remedy(request, seen))


def _without_login(request: Mapping[str, Any], text: str) -> str:
    """The text without the password, which a server may repeat: also encoded, and cut off at the end."""
    username, password = (request.get(option) or "" for option in ("username", "password"))
    if not password:
        return text
    for secret in (password, plain(username, password)):
        text = text.replace(secret, MASK)
        cut = (size for size in range(len(secret) - 1, CUT, -1) if text.endswith(f"{secret[:size]}…"))
        text = next((f"{text[: -size - 1]}{MASK}" for size in cut), text)
    return text


def _further(request: Mapping[str, Any]) -> str:
    if request.get("conference") or request.get("bridge"):
        return ", room with jicofo"
    return ", and rooms" if request.get("rooms") else ""


def _bridge_words(request: Mapping[str, Any]) -> str:
    wanted = (request.get("expect_address") or "").split()
    return f", bridge at {' or '.join(wanted)}" if wanted else ", bridge"


def _judge_bridge(request: Mapping[str, Any], seen: XmppSeen, begin: str, expected: str) -> Verdict:
    if not request.get("bridge"):
        return verdict_of(request, True, expected, expected)
    right = expected_of(request, seen.candidates)
    is_silent = bool(request.get("media")) and not any(one in seen.answering for one in right)
    found = f"{begin}, bridge at {' and '.join(map(str, seen.candidates)) or 'no address'}"
    found += NO_MEDIA if right and is_silent else ""
    remedy = ("" if not is_silent else _SILENT) if right else _NOT_PUBLIC
    extra = {"candidates": [{**one.row(), "answers": one in seen.answering} for one in seen.candidates]}
    return replace(verdict_of(request, bool(right) and not is_silent, expected, found, remedy), extra=extra)


def _remedy(request: Mapping[str, Any], seen: XmppSeen) -> str:
    if seen.step in (CONNECTION, STREAM) and (_STATUS.match(seen.reason) or seen.step == CONNECTION):
        return _remedy_of_answer(seen.reason)
    host, user = login_domain(request), request.get("username")
    prosody = f"/etc/prosody/conf.d/{request['domain']}.cfg.lua"
    if seen.step == LOGIN and user and seen.is_offered:
        return f"Check the password of the account. On the Jitsi machine, 'prosodyctl passwd {user}@{host}' sets it"
    if seen.step == JICOFO and not user and seen.reason.startswith("not-authorized"):
        return _GUEST_ALONE
    return {
        STREAM: f'Run selfhosted.jitsi.site, and check that {prosody} has VirtualHost "{host}"',
        LOGIN: _NO_ACCOUNTS if user else _ACCOUNTS.format(host=host),
        SESSION: _LOG,
        ROOM: f'Run selfhosted.jitsi.site, and check that {prosody} has Component "{conference_domain(request)}"',
        JICOFO: _JICOFO,
        BRIDGE: _NO_BRIDGE,
    }.get(seen.step, "")


def _remedy_of_answer(reason: str) -> str:
    """What helps against an answer over HTTP that opens no stream, or against none."""
    status = _STATUS.match(reason)
    if not status:
        return NO_ANSWER
    if status[1] == "404":
        return _UNKNOWN_HOST if "nknown host" in reason else _UNKNOWN_PATH
    if status[1] in ("502", "503", "504"):
        return _UNREACHED
    return _NO_UPGRADE if status[1] in ("200", "400", "426", "501") else _LOGS
