# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which releases of operating systems the roles are tested on, and what is said of all others."""

from __future__ import annotations

import re

#: By ID and VERSION_ID of os-release. Molecule deploys on each of them; Debian testing and sid have no VERSION_ID.
TESTED = {("debian", "12"): "Debian 12", ("debian", "13"): "Debian 13"}
UNKNOWN = "an unknown system"
#: Characters of a name that a message shows.
_SHOWN = 100
_FIELD = re.compile(r"""^(?P<name>[A-Za-z0-9_]+)=(?P<quote>["']?)(?P<value>.*)(?P=quote)[ \t\r]*$""", re.MULTILINE)
_ESCAPED = re.compile(r"""\\([\\$"'`])""")


def fields(os_release: str) -> dict[str, str]:
    """The fields of a file os-release. The last of two lines with one name wins, as in a shell."""
    return {found["name"]: _ESCAPED.sub(r"\1", found["value"]) for found in _FIELD.finditer(os_release)}


def name(os_release: str) -> str:
    """What a machine calls its release, without characters that change a terminal."""
    said = fields(os_release)
    parts = [said.get("NAME") or said.get("ID", ""), said.get("VERSION_ID", "")]
    text = said.get("PRETTY_NAME") or " ".join(part for part in parts if part)
    return "".join(one if one.isprintable() else "?" for one in text.strip())[:_SHOWN] or UNKNOWN


def untested(os_release: str, machine: str, variable: str) -> str:
    """What is wrong with the release of a machine, and what to do, in sentences; empty for a tested release.

    :param os_release: the text of the machine's ``/etc/os-release``; empty if it has none.
    :param machine: the name of the machine.
    :param variable: the name of the variable that allows other releases.
    """
    said = fields(os_release)
    if (said.get("ID", ""), said.get("VERSION_ID", "")) in TESTED:
        return ""
    return (
        f"{machine} runs {name(os_release)}, but selfhosted.jitsi is tested only on {' and '.join(TESTED.values())}."
        f" Use a machine with one of these releases, or set {variable} to true to go on"
    )
