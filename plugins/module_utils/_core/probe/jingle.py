# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What jicofo asks a participant, and what it offers: the addresses at which a bridge takes the media."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from dataclasses import asdict, dataclass
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from .stanzas import DISCO, FOCUS, answer, refuse

JINGLE, ICE = "urn:xmpp:jingle:1", "urn:xmpp:jingle:transports:ice-udp:1"
CAPS = "http://jabber.org/protocol/caps"
#: More addresses than any bridge has, and the longest name and password of ICE.
MOST_CANDIDATES, LONGEST_NAME = 256, 256
#: What names a kind of participant (XEP-0115).
NODE = "urn:selfhosted.jitsi:check"
#: What a participant can do. Without SCTP among it the bridge needs no data channel.
FEATURES = (
    DISCO,
    JINGLE,
    ICE,
    "urn:xmpp:jingle:apps:rtp:1",
    "urn:xmpp:jingle:apps:rtp:audio",
    "urn:xmpp:jingle:apps:rtp:video",
    "urn:xmpp:jingle:apps:dtls:0",
    "urn:ietf:rfc:5761",
    "urn:ietf:rfc:5888",
)


@dataclass(frozen=True)
class Candidate:
    """An address at which a bridge takes media."""

    address: str
    port: int
    protocol: str
    type: str

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}/{self.protocol}"

    @property
    def is_datagram(self) -> bool:
        """Whether it takes datagrams over IPv4."""
        return self.protocol == "udp" and re.fullmatch("[0-9.]+", self.address) is not None

    def row(self) -> dict[str, Any]:
        """The candidate in a type that Ansible can return."""
        return asdict(self)


def capabilities() -> str:
    """What a participant says of itself as it enters; jicofo's log has an error for each that does not."""
    words = "".join(f"{one}<" for one in ("client/pc//", *sorted(FEATURES)))
    version = base64.b64encode(hashlib.sha1(words.encode("ascii")).digest()).decode("ascii")
    return f'<c xmlns="{CAPS}" hash="sha-1" node="{NODE}" ver="{version}"/>'


@dataclass(frozen=True)
class Offer:
    """What jicofo offers a participant.

    :param candidates: the addresses of the bridge, each once although they stand at audio and again at video.
    :param name: the name of the bridge in its connectivity checks.
    :param password: its password there.
    """

    candidates: tuple[Candidate, ...]
    name: str
    password: str


def is_offer(element: Element) -> bool:
    """Whether this is jicofo's wish to start the media."""
    return any(one.get("action") == "session-initiate" for one in element.iter(f"{{{JINGLE}}}jingle"))


def read_offer(element: Element) -> Offer:
    """What an offer says."""
    candidates = dict.fromkeys(map(_candidate, element.iter(f"{{{ICE}}}candidate")))
    found = tuple(itertools.islice(candidates, MOST_CANDIDATES))
    transport = next(element.iter(f"{{{ICE}}}transport"), Element(""))
    name, password = (transport.get(key) or "" for key in ("ufrag", "pwd"))
    return Offer(found, name[:LONGEST_NAME], password[:LONGEST_NAME])


def lacks_bridge(presence: Element) -> bool:
    """Whether jicofo says in a room that it finds no bridge for it."""
    return presence.find(f"{{{FOCUS}}}bridgeNotAvailable") is not None


def reply(question: Element) -> str:
    """What a participant answers."""
    query = question.find(f"{{{DISCO}}}query")
    if query is not None and question.get("type") == "get":
        features = "".join(f'<feature var="{one}"/>' for one in FEATURES)
        content = f'<identity category="client" type="pc"/>{features}'
        return answer(question, f'<query xmlns="{DISCO}" node={quoteattr(query.get("node") or "")}>{content}</query>')
    return answer(question, "") if is_offer(question) else refuse(question)


def _candidate(element: Element) -> Candidate:
    text = element.get("port") or ""
    port = int(text) if re.fullmatch("[0-9]{1,5}", text) else 0
    address, protocol, kind = (element.get(name) or "" for name in ("ip", "protocol", "type"))
    return Candidate(address, port if port < 65536 else 0, protocol, kind)
