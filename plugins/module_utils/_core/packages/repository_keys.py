# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the keys in a keyring may sign a repository."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence

from ..errors import CoreError

_FINGERPRINT = re.compile(r"[0-9A-F]{40}(?:[0-9A-F]{24})?\Z")
# Fields of a line of `gpg --with-colons`, counted from 0.
_VALIDITY, _VALUE, _CAPABILITIES = 1, 9, 11


@dataclass(frozen=True)
class Key:
    """A primary key with its subkeys.

    :param expired: whether the key itself or a subkey that signs has expired.
    """

    fingerprint: str
    expired: bool


def parse_fingerprints(listed: Sequence[str]) -> tuple[str, ...]:
    """The fingerprints that are allowed, as gpg writes them.

    :raises CoreError: if one of them is none.
    """
    found = []
    for position, each in enumerate(listed):
        fingerprint = "".join(str(each).split()).upper()
        if not _FINGERPRINT.match(fingerprint):
            raise CoreError(
                f"fingerprints[{position}]: '{each}' is not 40 hexadecimal digits; use the full fingerprint from"
                " 'gpg --show-keys'"
            )
        found.append(fingerprint)
    return tuple(found)


def keys_in(output: str) -> tuple[Key, ...]:
    """The keys that ``gpg --with-colons`` listed.

    The first ``fpr`` line behind a ``pub`` line is that key's own, whatever stands between: ``rvk`` lines for instance.
    """
    found: list[Key] = []
    awaits_fingerprint = False
    for fields in (line.split(":") for line in output.splitlines()):
        if fields[0] in ("pub", "sub"):
            expired = fields[_VALIDITY] == "e"
            awaits_fingerprint = fields[0] == "pub"
            if awaits_fingerprint:
                found.append(Key("", expired))
            elif found and expired and "s" in fields[_CAPABILITIES]:
                found[-1] = Key(found[-1].fingerprint, True)
        elif fields[0] == "fpr" and awaits_fingerprint:
            found[-1] = Key(fields[_VALUE], found[-1].expired)
            awaits_fingerprint = False
    return tuple(found)
