# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Have gpg read keys in a home of its own, so that what is trusted is what gpg wrote, and not what somebody sent."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from typing import Sequence

from ..._core.packages.repository_keys import Key, keys_in
from ..commands import CommandError, Runner, call
from ..files import read_text

# No agent, no settings of the user's, and no web of trust.
_GPG = ("gpg", "--no-options", "--batch", "--no-tty", "--quiet", "--no-autostart", "--trust-model", "always")


@dataclass(frozen=True)
class Reading:
    """What gpg reads in a file of keys.

    :param keys: all of them.
    :param text: those that are allowed, as gpg exports them; empty if there are none, or if another key comes along.
    """

    keys: tuple[Key, ...]
    text: str


def read_keys(path: str, allowed: Sequence[str], run: Runner) -> Reading:
    """Read a file of keys, and export the allowed ones.

    :param allowed: fingerprints of primary keys.
    :raises CommandError: if gpg is missing or fails.
    """
    with tempfile.TemporaryDirectory(prefix=".ansible_tmp") as folder:
        keys = _imported(path, os.path.join(folder, "found"), run)
        wanted = [key.fingerprint for key in keys if key.fingerprint in allowed]
        if not wanted:
            return Reading(keys, "")
        argv = _command(os.path.join(folder, "found"), "--armor", "--export", *wanted)
        text = call(run, argv, "", f"export the keys of {path}", "gpg")
        exported = os.path.join(folder, "exported")
        with open(exported, "w", encoding="ascii") as file:
            file.write(text)
        # gpg finds a key by the fingerprint of a subkey, too, and anybody can take another's key for a subkey.
        again = _imported(exported, os.path.join(folder, "again"), run)
        return Reading(keys, text if {key.fingerprint for key in again} == set(wanted) else "")


def installed_text(path: str) -> str | None:
    """The text of a keyring that is installed; None if there is none.

    :raises CommandError: if it cannot be read.
    """
    return read_text(path) if os.path.exists(path) else None


def _command(home: str, *words: str) -> list[str]:
    return [*_GPG, "--homedir", home, *words]


def _imported(path: str, home: str, run: Runner) -> tuple[Key, ...]:
    os.mkdir(home, 0o700)
    # It fails where one key of several is of no use; what counts is which ones it has then.
    try:
        run(_command(home, "--import", path), "")
    except FileNotFoundError as error:
        raise CommandError(f"Cannot read the keys of {path}: gpg is missing; install the package gpg") from error
    return keys_in(call(run, _command(home, "--list-keys", "--with-colons"), "", f"list the keys of {path}", "gpg"))
