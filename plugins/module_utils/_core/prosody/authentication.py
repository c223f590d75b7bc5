# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who can open rooms, by prosody's files. What is secret there is not returned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable

from .lua import inner, is_text, words_of

_TEXTS = ("authentication", "app_id")
_LISTS = ("asap_accepted_issuers", "asap_accepted_audiences")
_ANONYMOUS = ("anonymous", "jitsi-anonymous")


@dataclass
class Host:
    """What a host says.

    :param settings: the texts and lists that are known here.
    """

    settings: dict[str, str | list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Authentication:
    """How a host knows its users.

    :param method: prosody's word for it, empty if no file has one.
    :param guests: the other hosts that let everybody in.
    """

    method: str
    guests: tuple[str, ...]
    app_id: str
    issuers: tuple[str, ...]
    audiences: tuple[str, ...]


def authentication(texts: Iterable[str], name: str) -> Authentication:
    """How a host of prosody knows its users. What a host says wins over what all say.

    :param texts: prosody's files in the order in which they are included.
    """
    hosts: dict[str, Host] = {"": Host()}
    for text in texts:
        _read(words_of(text), hosts)
    said = {**hosts[""].settings, **hosts.get(name, Host()).settings}
    anonymous = [host for host, found in hosts.items() if found.settings.get("authentication") in _ANONYMOUS]
    issuers, audiences = (tuple(said.get(key, ())) for key in _LISTS)
    return Authentication(
        str(said.get("authentication", "")),
        tuple(host for host in anonymous if host not in ("", name)),
        str(said.get("app_id", "")),
        issuers,
        audiences,
    )


def _read(words: list[str], hosts: dict[str, Host]) -> None:
    here = hosts[""]
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        if word in ("VirtualHost", "Component") and is_text(following):
            here = hosts.setdefault(inner(following).lower(), Host())
        elif following == "=" and word in _TEXTS:
            value = words[index + 2] if index + 2 < len(words) else ""
            if is_text(value):
                here.settings[word] = inner(value)
        elif following == "=" and word in _LISTS:
            here.settings[word] = _texts(words[index + 2 :])


def _texts(words: list[str]) -> list[str]:
    """The texts of a list without further lists in it."""
    end = words.index("}") if "}" in words else 0
    return [inner(word) for word in words[:end] if is_text(word)]
