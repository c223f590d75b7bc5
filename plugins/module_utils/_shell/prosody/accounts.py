# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read prosody's records, and have prosodyctl change its accounts."""

from __future__ import annotations

import os
from typing import Sequence

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.accounts import Account, Work
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.record import (
    Record,
    folder_name,
    record_from,
)

from ..commands import Runner, call

_COMMANDS = {"created": "adduser", "updated": "passwd", "removed": "deluser"}


def read_record(data: str, host: str, name: str) -> Record | None:
    """The record of an account in prosody's own store of files; None where there is none."""
    path = os.path.join(data, folder_name(host), "accounts", f"{folder_name(name)}.dat")
    try:
        with open(path, encoding="latin-1") as file:
            return record_from(file.read())
    except FileNotFoundError:
        return None


def carry_out(work: Work, accounts: Sequence[Account], host: str, run: Runner) -> None:
    """Do it. Passwords go to prosodyctl's questions and into no list of processes.

    :raises CommandError: if prosodyctl fails.
    """
    passwords = {account.name: account.password for account in accounts}
    for kind, command in _COMMANDS.items():
        for name in getattr(work, kind):
            answers = f"{passwords[name]}\n" * 2 if passwords[name] else ""
            argv = ["prosodyctl", command, f"{name}@{host}"]
            call(run, argv, answers, f"change the account {name!r} of {host}", "prosody")
