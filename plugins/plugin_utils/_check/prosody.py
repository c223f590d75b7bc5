# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What prosody itself says of the bridges in their room and of what it tells clients, judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterable, Mapping, Pattern, Sequence, Tuple

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

#: The last line of an answer; without it the answer is not whole.
DONE = "selfhosted.jitsi done"
REJECTED = "prosody rejects its password"
UNTRUSTED = "it does not trust the certificate of prosody"
_ATTEMPT = re.compile(
    r"PKIX|SSLHandshake|not-authorized|refused|timed out|No route|UnknownHost|Authenticated|Joined MUC", re.IGNORECASE
)
#: Only these lines are surely about prosody: media can time out, too.
_LOGIN = re.compile(r"PKIX|SSLHandshake|not-authorized|Authenticated|Joined MUC", re.IGNORECASE)
_CAUSES = (
    (
        re.compile(r"PKIX|SSLHandshake", re.IGNORECASE),
        UNTRUSTED,
        "Run selfhosted.jitsi.site to make Java trust the certificate of prosody",
    ),
    (
        re.compile("not-authorized", re.IGNORECASE),
        REJECTED,
        "Run selfhosted.jitsi.site to give prosody the password of the Jitsi machine's own bridge, and further bridges "
        "the same one",
    ),
    (
        re.compile("refused|timed out|No route|UnknownHost", re.IGNORECASE),
        "it cannot reach prosody",
        "Check that prosody runs and accepts the machine (its address in the group videobridge or in "
        "jitsi_meet_bridge_addresses), and run selfhosted.jitsi.site",
    ),
)
_READ_LOG = "Read /var/log/jitsi/jvb.log for the reason, and run selfhosted.jitsi.site"
_NO_ROOM = (
    "Run selfhosted.jitsi.site to give further bridges the account and the MUC room of the Jitsi machine's own bridge"
)
#: The name of jicofo in the room where it looks for bridges.
_JICOFO = "/focus"
WITHOUT_JICOFO = "in the room, but jicofo is not there"
_NO_JICOFO = (
    "Read /var/log/jitsi/jicofo.log on the Jitsi machine. After not-authorized, run selfhosted.jitsi.site to give "
    "prosody jicofo's password. Otherwise restart jicofo, which can leave the room for good when prosody restarts"
)
_OTHER_ROOM = (
    "Correct MUC_JIDS in the bridge's file (jvb.conf or sip-communicator.properties in /etc/jitsi/videobridge) to "
    "{room} and restart the bridge; or correct jicofo.bridge.brewery-jid in /etc/jitsi/jicofo/jicofo.conf and restart "
    "jicofo"
)
NOT_TOLD = (
    "Run selfhosted.jitsi.site to write them into /etc/prosody/conf.d/selfhosted-jitsi.cfg.lua; a later file that sets "
    "external_services for the same host overrides them"
)

Service = Tuple[str, ...]  # (virtual host, type, host, port, transport)


@dataclass(frozen=True)
class Answer:
    """What prosody answered.

    :param occupants: who is in which room, as room@host/name.
    :param services: what clients of each virtual host are told.
    """

    occupants: frozenset[str]
    services: tuple[Service, ...]


def question(fqdn: str) -> str:
    """Lua for prosody's shell that prints who is in the internal rooms, and the services of the clients' hosts."""
    name = re.sub(r"[^A-Za-z0-9.-]", "", fqdn)
    return (
        f'> for _, name in ipairs({{ "{name}", "guest.{name}" }}) do '
        "local host = prosody.hosts[name]; if host and host.modules.external_services then "
        'for _, one in ipairs(require "core.configmanager".get(name, "external_services") or {}) do '
        'if type(one) == "table" then print("service", name, one.type, one.host, one.port, one.transport) '
        "end end end end "
        f'local internal = prosody.hosts["internal.auth.{name}"]; if internal and internal.modules.muc then '
        "for room in internal.modules.muc.live_rooms() do for occupant in room:each_occupant() do "
        f'print("occupant", occupant) end end end print("{DONE}")'
    )


def parse_answer(lines: Iterable[str]) -> Answer | None:
    """The answer in lines of prosody's shell, or None if it is none or not whole."""
    occupants, services, done = set(), [], False
    for line in lines:
        kind, *words = line[2:].split("\t") if line.startswith("| ") else line.split("\t")
        if kind == "occupant" and words:
            occupants.add(words[0])
        elif kind == "service" and len(words) == 5:
            services.append(tuple("" if word == "nil" else word for word in words))
        done = done or kind == DONE
    return Answer(frozenset(occupants), tuple(services)) if done else None


def judge_brewery(
    name: str, lines: Iterable[str], rooms: Sequence[str], domain: str, log: Iterable[str], running: bool
) -> Verdict:
    """Say whether a bridge is where jicofo looks for it, as prosody sees it.

    :param lines: what prosody's shell printed.
    :param rooms: where its files send it, as room@host/name.
    :param domain: the host of the rooms of the site.
    :param log: last lines of its log, which may name what keeps it out.
    """
    own = [_lowered(room) for room in rooms if _lowered(room).partition("/")[0].endswith(f"@{domain}")]
    expected = f"in {own[0]}" if own else f"in a room of {domain}"
    if not running:
        return Verdict(name, False, expected, "the bridge is not running", _READ_LOG)
    answer = parse_answer(lines)
    if answer is None:
        return Verdict(name, True, expected, "not judged: prosody's shell does not answer")
    if not own:
        return Verdict(name, False, expected, "its files contain no such room", _NO_ROOM)
    missing = [room for room in own if room not in answer.occupants]
    refused = _refusal(log, _ATTEMPT if missing else _LOGIN)
    # Prosody keeps a session for a while after its end. Whoever fails to log in is not there.
    if not missing and not refused:
        return _beside_jicofo(name, expected, own, answer)
    cause, remedy = refused or ("its log shows no reason", _READ_LOG)
    return Verdict(name, False, expected, f"not in the room: {cause}", remedy)


def is_there_without_jicofo(lines: Iterable[str], rooms: Sequence[str], domain: str) -> bool:
    """Whether a bridge is in its rooms, as prosody sees it, and jicofo in none."""
    return judge_brewery("", lines, rooms, domain, (), True).found == WITHOUT_JICOFO


def _beside_jicofo(name: str, expected: str, own: Sequence[str], answer: Answer) -> Verdict:
    """The verdict about a bridge that is in its rooms: jicofo has to be in one of them."""
    of_jicofo = sorted({occupant.partition("/")[0] for occupant in answer.occupants if occupant.endswith(_JICOFO)})
    rooms = [room.partition("/")[0] for room in own]
    if set(of_jicofo) & set(rooms):
        return Verdict(name, True, expected, "in the room")
    if not of_jicofo:
        return Verdict(name, False, expected, WITHOUT_JICOFO, _NO_JICOFO)
    remedy = _OTHER_ROOM.format(room=of_jicofo[0])
    return Verdict(name, False, f"in {of_jicofo[0]}", f"in {rooms[0]}, where jicofo is not", remedy)


def judge_services(
    name: str, lines: Iterable[str], hosts: Sequence[str], wanted: Sequence[Mapping[str, str]]
) -> Verdict:
    """Say whether prosody tells the clients of each virtual host of the servers that relay.

    :param wanted: type, host, port and transport of each.
    """
    expected = [_words(tuple(str(one.get(key, "")) for key in ("type", "host", "port", "transport"))) for one in wanted]
    said = ", ".join(expected)
    answer = parse_answer(lines)
    if answer is None:
        return Verdict(name, True, said, "not judged: prosody's shell does not answer")
    for host in hosts:
        told = [_words(service[1:]) for service in answer.services if service[0] == host]
        if any(one not in told for one in expected):
            return Verdict(name, False, said, f"{', '.join(told) or 'nothing'} for clients of {host}", NOT_TOLD)
    return Verdict(name, True, said, said)


def _lowered(room: str) -> str:
    """As prosody writes it: all but the name in the room is in lower case."""
    place, slash, nickname = room.partition("/")
    return place.lower() + slash + nickname


def _refusal(log: Iterable[str], kind: Pattern[str]) -> tuple[str, str] | None:
    """Why the last attempt of a kind in the log failed, and what to do; None if it did not, or if there is none."""
    attempts = [line for line in log if kind.search(line)]
    reasons = ((words, remedy) for pattern, words, remedy in _CAUSES if attempts and pattern.search(attempts[-1]))
    return next(reasons, None)


def _words(service: Sequence[str]) -> str:
    kind, host, port, transport = service
    return f"{kind} {host}:{port}" + (f" over {transport}" if transport else "")
