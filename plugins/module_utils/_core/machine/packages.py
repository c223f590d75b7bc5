# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The packages of a machine, as dpkg-query prints them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: One line for each package: state, whether it is broken, name, and version.
FORMAT = "${db:Status-Status} ${db:Status-Eflag} ${Package} ${Version}\\n"
_SETTLED = ("installed", "config-files", "not-installed")
#: What ``dpkg --verify`` says of a configuration file with another checksum than the package's.
_EDITED = re.compile(r"^..5.{6} c (/.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Packages:
    """What dpkg says.

    :param installed: the version of each package that is installed and configured.
    :param unfinished: the names of the packages in another state: unpacked, half configured, or broken.
    """

    installed: dict[str, str] = field(default_factory=dict)
    unfinished: tuple[str, ...] = ()


def parse_packages(text: str) -> Packages:
    """Read lines in FORMAT. Of a package for several architectures the last installed one counts."""
    installed, unfinished = {}, []
    for line in text.splitlines():
        state, flag, name, version = (*line.split(" "), "")[:4]
        if state not in _SETTLED or flag != "ok":
            unfinished.append(name)
        elif state == "installed":
            installed[name] = version
    return Packages(installed, tuple(dict.fromkeys(unfinished)))


def parse_edited(text: str) -> list[str]:
    """The configuration files that were edited, as ``dpkg --verify`` prints them. A removed one is none of them."""
    return _EDITED.findall(text)
