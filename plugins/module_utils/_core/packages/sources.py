# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The package repositories that the files of apt name."""

from __future__ import annotations

import re
from itertools import product

from ..urls import without_user

_OPTIONS = re.compile(r"\s*\[[^\]]*\]")


def repositories_in(name: str, text: str) -> list[tuple[str, str]]:
    """The URI and the suite of each repository of binary packages that a file of apt names, without passwords.

    :param name: the name of the file, which says in which of the two forms it is.
    """
    found = _of_stanzas(text) if name.endswith(".sources") else _of_lines(text)
    return list(dict.fromkeys((without_user(uri).rstrip("/"), suite) for uri, suite in found))


def _of_lines(text: str) -> list[tuple[str, str]]:
    lines = (line.strip() for line in text.splitlines())
    words = [_OPTIONS.sub("", line, count=1).split() for line in lines if line.startswith(("deb ", "deb\t"))]
    return [(each[1], each[2]) for each in words if len(each) > len(("deb", "URI"))]


def _of_stanzas(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for stanza in re.split(r"\n[ \t]*\n", text):
        lines = [line for line in stanza.splitlines() if not line.startswith("#")]
        pairs = (line.partition(":") for line in lines if ":" in line and not line.startswith((" ", "\t")))
        fields = {name.lower(): value.split() for name, _colon, value in pairs}
        if "deb" in fields.get("types", []) and fields.get("enabled") != ["no"]:
            found += product(fields.get("uris", []), fields.get("suites", []))
    return found
