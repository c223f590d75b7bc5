# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the vhosts of others lead requests: their backends, and the lines that are no backend of one path."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Iterator, Sequence

from ..urls import without_user
from .configuration import Directive

REDIRECTS = frozenset({"redirect", "redirectmatch", "redirectpermanent", "redirecttemp"})
_STATUS = re.compile(r"permanent|temp|seeother|gone|[0-9]{3}", re.I)
#: Patterns that fit each path, or each path but those of challenges.
_BUT_CHALLENGES = r"\(\?!\^?/?\\?\.well-known[^()]*\)"
_EACH = re.compile(rf"\^?(?:{_BUT_CHALLENGES})?/?\??(?:(?:\.\*|\(/?\.\*\))\$?)?|!\^?/?\\?\.well-known\S*")
_TO_HTTPS = re.compile(r"https://%\{(?:HTTP_HOST|SERVER_NAME)\}(?:/?\$1|%\{REQUEST_URI\})", re.I)
_CHALLENGES = "/.well-known/acme-challenge"
_IN_LOCATION = 2


@dataclass(frozen=True)
class Pass:
    """One ProxyPass. The path is empty where a pattern or a condition says for which requests it is."""

    path: str
    url: str
    file: str
    line: int

    @property
    def is_backend(self) -> bool:
        """Whether it leads one path to a backend."""
        return bool(self.path) and self.url != "!"


@dataclass(frozen=True)
class Line:
    """A line that leads requests somewhere, and is no backend of one path.

    :param to: where it leads, empty for nowhere.
    :param is_for_all: whether it is for each request.
    """

    file: str
    line: int
    text: str
    to: str = ""
    is_for_all: bool = False

    def data(self) -> dict[str, Any]:
        """What can be shown of it."""
        return asdict(self)


def passed(directives: Sequence[Directive]) -> Iterator[Pass]:
    """Each ProxyPass of a vhost."""
    place = ""
    for each in directives:
        if each.level == 1:
            place = _place(each)
        if each.name == "proxypass":
            around = [] if each.level == 1 else [place if each.level == _IN_LOCATION else ""]
            path, url, *_options = [*around, *each.words, "", ""]
            if url:
                yield Pass(path, without_user(url), each.file, each.line)


def _place(directive: Directive) -> str:
    """The path of a section, where it has one and no pattern."""
    is_path = directive.name == "<location" and directive.words[:1] != ("~",)
    return "".join(directive.words[:1]) if is_path else ""


def lines(directives: Sequence[Directive]) -> Iterator[Line]:
    """The redirects, the rules for WebSockets, and each ProxyPass that is no backend."""
    for one in passed(directives):
        if not one.is_backend and not one.path.startswith(_CHALLENGES):
            yield Line(one.file, one.line, " ".join(["proxypass", *filter(None, [one.path]), one.url]))
    for each in directives:
        words = [without_user(word) for word in each.words]
        if each.name in REDIRECTS:
            yield _redirect(each, words)
        elif each.name == "rewriterule" and is_websocket(words):
            yield Line(each.file, each.line, " ".join([each.name, *words[:2]]), words[1])


def _redirect(directive: Directive, words: Sequence[str]) -> Line:
    path, to, *_more = [*(words[1:] if words and _STATUS.fullmatch(words[0]) else words), "", ""]
    is_for_all = bool(_EACH.fullmatch(path)) if directive.name == "redirectmatch" else path == "/"
    text = " ".join([directive.name, *words])
    return Line(directive.file, directive.line, text, to, is_for_all and directive.level == 1)


def is_websocket(words: Sequence[str]) -> bool:
    """Whether a RewriteRule with these words is for WebSockets."""
    return len(words) > 1 and words[1].lower().startswith(("ws:", "wss:"))


def is_rewrite_to_https(words: Sequence[str]) -> bool:
    """Whether a RewriteRule with these words leads each request to https, with its own name."""
    return len(words) > 1 and bool(_EACH.fullmatch(words[0]) and _TO_HTTPS.fullmatch(words[1]))
