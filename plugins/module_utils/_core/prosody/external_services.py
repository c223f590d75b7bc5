# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The STUN and TURN servers that prosody's files tell clients of a host."""

from __future__ import annotations

from typing import Iterable

from .lua import inner, is_text, words_of

_LISTS = {"external_services": "external_services", "turncredentials": "turncredentials"}


def service_hosts(texts: Iterable[str], host: str) -> list[str]:
    """The hosts that clients of a host are told, by the list of the host itself, else by the global one.

    A list counts only if the module of its name is enabled somewhere; a later list replaces an earlier one.

    :param texts: prosody's files in the order in which they are included.
    """
    found: dict[tuple[str, str], list[str]] = {}
    modules: set[str] = set()
    for text in texts:
        _read(words_of(text), found, modules)
    told: list[str] = []
    for name in _LISTS:
        if name in modules:
            told.extend(found.get((host, name), found.get(("", name), [])))
    return list(dict.fromkeys(told))


def _read(code: list[str], found: dict[tuple[str, str], list[str]], modules: set[str]) -> None:
    context = ""
    for index, word in enumerate(code):
        following = code[index + 1] if index + 1 < len(code) else ""
        if word in ("VirtualHost", "Component") and is_text(following):
            context = inner(following)
        elif word in _LISTS and code[index + 1 : index + 3] == ["=", "{"]:
            found[context, word] = _hosts(code, index + 3)
        elif is_text(word) and inner(word) in _LISTS:
            modules.add(inner(word))


def _hosts(code: list[str], index: int) -> list[str]:
    hosts, depth = [], 1
    while index < len(code) and depth:
        depth += {"{": 1, "}": -1}.get(code[index], 0)
        if (
            code[index] == "host"
            and code[index + 1 : index + 2] == ["="]
            and is_text("".join(code[index + 2 : index + 3]))
        ):
            hosts.append(inner(code[index + 2]))
        index += 1
    return hosts
