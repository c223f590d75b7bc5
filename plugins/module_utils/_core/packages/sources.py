# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The package repositories that the files of apt name."""

from __future__ import annotations

import re
from itertools import product
from typing import Any, Iterator, Mapping, NamedTuple

from ..urls import without_user

_JITSI = "jitsi"
_OPTIONS = re.compile(r"\s*\[[^\]]*\]")
#: What apt takes for "no" in a stanza.
_NO = ("no", "false", "without", "off", "disable")


class Repository(NamedTuple):
    """One repository of a file, without passwords.

    :param is_used: whether apt installs packages from it: it is neither disabled nor one of sources.
    """

    uri: str
    suite: str
    is_used: bool = True


def sources_of_jitsi(files: Mapping[str, str]) -> list[dict[str, Any]]:
    """The repositories of Jitsi's packages, with those first whose URI says so.

    Each has its ``file``, ``uri`` and ``suite``. ``used`` says whether apt installs packages from it, and ``alone``
    whether its file has no other repository.

    :param files: the texts of apt's files, by their paths.
    """
    found = [source for path, text in files.items() for source in _of_file(path, repositories_in(path, text))]
    return sorted(found, key=lambda source: _JITSI not in source["uri"])


def _of_file(path: str, listed: list[Repository]) -> list[dict[str, Any]]:
    jitsis = _jitsis(path, listed)
    is_alone = len(jitsis) == len(listed)
    return [
        {"file": path, "uri": one.uri, "suite": one.suite, "used": one.is_used, "alone": is_alone} for one in jitsis
    ]


def _jitsis(path: str, listed: list[Repository]) -> list[Repository]:
    """A mirror may have any URI. Its file is called after Jitsi, and its suite ends in a slash as Jitsi's own does."""
    by_uri = [one for one in listed if _JITSI in one.uri]
    is_named = _JITSI in path.rpartition("/")[2]
    return by_uri or [one for one in listed if is_named and one.suite.endswith("/")]


def repositories_in(name: str, text: str) -> list[Repository]:
    """The repositories that a file of apt names, the disabled ones of stanzas, too.

    :param name: the name of the file, which says in which of the two forms it is.
    """
    found = _of_stanzas(text) if name.endswith(".sources") else _of_lines(text)
    return list(dict.fromkeys(one._replace(uri=without_user(one.uri).rstrip("/")) for one in found))


def _of_lines(text: str) -> Iterator[Repository]:
    for line in text.splitlines():
        words = _OPTIONS.sub("", line.partition("#")[0], count=1).split()
        if len(words) > len(("deb", "URI")) and words[0] in ("deb", "deb-src"):
            yield Repository(words[1], words[2], words[0] == "deb")


def _of_stanzas(text: str) -> Iterator[Repository]:
    for stanza in re.split(r"\n[ \t]*\n", "\n".join(text.splitlines())):
        fields = _fields(stanza)
        is_used = "deb" in fields.get("types", []) and " ".join(fields.get("enabled", [])).lower() not in _NO
        for uri, suite in product(fields.get("uris", []), fields.get("suites", [])):
            yield Repository(uri, suite, is_used)


def _fields(stanza: str) -> dict[str, list[str]]:
    """The words of each field. A line that begins with a blank continues the field before it."""
    fields: dict[str, list[str]] = {}
    words: list[str] = []
    for line in stanza.split("\n"):
        if line.startswith((" ", "\t")):
            words += line.split()
        elif ":" in line and not line.startswith("#"):
            name, _colon, value = line.partition(":")
            words = fields.setdefault(name.strip().lower(), [])
            words += value.split()
    return fields
