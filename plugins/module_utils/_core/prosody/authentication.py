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

    :param settings: the texts and lists that are known here; None for one that is computed.
    """

    settings: dict[str, str | list[str] | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Authentication:
    """How a host knows its users. None stands for what is computed.

    :param method: prosody's word for it, empty if no file has one.
    :param guests: the other hosts that let everybody in.
    """

    method: str | None
    guests: tuple[str, ...]
    app_id: str | None
    issuers: tuple[str, ...] | None
    audiences: tuple[str, ...] | None


def authentication(texts: Iterable[str], name: str) -> Authentication:
    """How a host of prosody knows its users. What a host says wins over what all say.

    :param texts: prosody's files in the order in which they are included.
    """
    hosts: dict[str, Host] = {"": Host()}
    for text in texts:
        _read(words_of(text), hosts)
    said = {**hosts[""].settings, **hosts.get(name, Host()).settings}
    anonymous = [host for host, found in hosts.items() if found.settings.get("authentication") in _ANONYMOUS]
    method, app_id = (_as_text(said.get(key, "")) for key in _TEXTS)
    issuers, audiences = (_as_tuple(said.get(key, [])) for key in _LISTS)
    guests = tuple(host for host in anonymous if host not in ("", name))
    return Authentication(method, guests, app_id, issuers, audiences)


def _as_text(value: str | list[str] | None) -> str | None:
    return value if isinstance(value, str) else None


def _as_tuple(value: str | list[str] | None) -> tuple[str, ...] | None:
    return tuple(value) if isinstance(value, list) else None


def _read(words: list[str], hosts: dict[str, Host]) -> None:
    here = hosts[""]
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        if word in ("VirtualHost", "Component") and is_text(following):
            here = hosts.setdefault(inner(following).lower(), Host())
        elif following == "=" and word in _TEXTS:
            here.settings[word] = _text(words[index + 2 : index + 4])
        elif following == "=" and word in _LISTS:
            here.settings[word] = _texts(words[index + 2 :])


def _text(words: list[str]) -> str | None:
    """A text that is written out, without escapes, and that nothing is added to."""
    is_whole = bool(words) and is_text(words[0]) and words[1:] != ["."]
    return inner(words[0]) if is_whole and "\\" not in words[0] else None


def _texts(words: list[str]) -> list[str] | None:
    """The texts of a list that has nothing else."""
    end = words.index("}") if "}" in words else 0
    found = [_text([word]) for word in words[1:end] if word not in (",", ";")]
    texts = [text for text in found if text is not None]
    return texts if words[:1] == ["{"] and end and len(texts) == len(found) else None
