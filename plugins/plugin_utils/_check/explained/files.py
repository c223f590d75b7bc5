# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a failed row explains another that comes from the same file.

Each function takes the cause, the other row, and all rows.
"""

from __future__ import annotations

import re
from typing import Sequence

from ..backends import UNVERIFIED
from ..prosody import REJECTED, UNTRUSTED, WITHOUT_JICOFO
from ..rows import Row
from ..services import ABSENT
from ..wanted import RUN
from .services import of_bridge
from .words import SETTINGS

#: Which service reads a file, by words of its label.
_READERS = {"the bridge's": "jitsi-videobridge2", "jicofo.conf": "jicofo", "sites of Apache": "apache2"}


def of_changed_file(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about the service that reads the file which the cause names, and has not read it yet."""
    file = cause.name.partition(" has ")[2]
    service = next((service for words, service in _READERS.items() if words in file), "")
    return bool(service) and row.name == f"{service} on {cause.machine} has read its files"


def of_files_of_bridge(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about what a bridge reads from its files, unless it does not run."""
    if row.subject == "privacy":
        return "/videobridge/" in row.found
    if of_changed_file(cause, row, rows):
        return True
    told = row.subject == "bridge" and row.machine == cause.machine and "jitsi-videobridge2 runs" not in row.name
    return told or row.subject == "conflicts" or of_bridge(cause, row, rows)


def of_clients_file(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about what clients read from config.js."""
    return (row.subject == "privacy" and "config.js" in row.found) or (
        row.subject == "outside" and SETTINGS in row.name
    )


def of_settings(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about outside hosts to which the same setting of config.js leads."""
    hosts = row.found.partition(":")[0].split(", ")
    leads = all(host and host in cause.found for host in hosts)
    return row.subject == "privacy" and "config.js" in row.found and leads


def of_sites(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about a site of Apache whose file is named."""
    site = row.name.partition(":")[0]
    is_named = re.search(rf"(?<![\w.-]){re.escape(site)}(?![\w-])", cause.found) is not None
    served = row.subject in ("outside", "backends", "certificates") and is_named
    return served or of_changed_file(cause, row, rows)


def of_certificate(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about a site whose certificate was refused, and one about the new certificate that a run would make."""
    # Of two files for one name the row has the path, too.
    site = cause.name.partition(":")[0].partition(" (")[0]
    if row.subject == "wanted":
        copy = re.fullmatch(rf"another certificate in \S+/{re.escape(site)}\.pem", row.found)
        return copy is not None or (row.machine == cause.machine and f"certificate of {site} " in row.found)
    # Whoever verifies no backend has another fault.
    refused = "certificate" in row.found and row.found != UNVERIFIED
    return row.subject in ("outside", "backends") and row.name.startswith(f"{site}:") and refused


def of_broken_file(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about the program that cannot read its files, and therefore does not start."""
    program = cause.name.partition(" ")[0]
    others = (
        f"{program} runs",
        f"{program} runs on {cause.machine}",
        f"{program} on {cause.machine} has read its files",
    )
    # What else reads these files fails with the same words.
    return row.machine == cause.machine and (row.name in others or cause.found in row.found)


def of_unfinished(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about packages of the same machine."""
    return row.subject == "wanted" and row.machine == cause.machine and "has its packages as wanted" in row.name


def of_first_run(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about what the first run would write on the same machine."""
    is_missing = row.subject == "condition" and "there is no such file" in row.found
    is_written = row.subject in ("wanted", "workers") or is_missing
    return row.machine == cause.machine and is_written and row.remedy.startswith(RUN)


def of_packages(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about a program that is not installed."""
    return row.machine == cause.machine and row.found == ABSENT


def of_java(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about a bridge that does not log in, because it trusts nobody."""
    return row.machine == cause.machine and row.subject == "bridge" and UNTRUSTED in row.found


def of_accounts(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about a bridge that does not log in, or does not meet jicofo; all bridges have the same account."""
    return row.subject == "bridge" and (REJECTED in row.found or WITHOUT_JICOFO in row.found)
