# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which accounts of a prosody host have to be made, changed and removed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from ..errors import CoreError
from .preparation import prepared_name, prepared_password
from .record import Record, fits

#: What may stand before the @ of an address (RFC 7622), as prosody itself would write it: in lower case.
_NAME = re.compile(r"[^\s\"&'/:<>@A-Z\x00-\x1f\x7f]{1,255}")


@dataclass(frozen=True)
class Account:
    """One account as it shall be; without a password it shall not be there."""

    name: str
    password: str | None


@dataclass(frozen=True)
class Work:
    """What there is to do, in the order of the request."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.created or self.updated or self.removed)


def parse_accounts(items: Sequence[Mapping[str, Any]]) -> list[Account]:
    """Judge a request.

    :raises CoreError: if a name cannot be, comes twice, or has no password that prosody can be told.
    """
    found: dict[str, Account] = {}
    for position, item in enumerate(items):
        name, present = item["name"], item.get("state", "present") != "absent"
        where = f"accounts[{position}]"
        if not _NAME.fullmatch(name):
            raise CoreError(
                f"{where}.name: {name!r} is not a valid account name; use the part before the @, "
                "in lower case and without blanks"
            )
        _require_prepared(where, name)
        if name in found:
            raise CoreError(f"{where}.name: duplicate name {name!r}; each name must be unique")
        password = item.get("password")
        if present and (not password or re.search(r"[\x00-\x1f\x7f]", password)):
            raise CoreError(
                f"{where}.password: the password of {name!r} is missing, empty or contains control characters; "
                "set a valid password"
            )
        if present and password:
            _require_allowed(where, name, password)
        found[name] = Account(name, password if present else None)
    return list(found.values())


def _require_prepared(where: str, name: str) -> None:
    """Prosody keeps another spelling under its own, and is asked for it in vain."""
    try:
        kept = prepared_name(name)
    except CoreError as error:
        raise CoreError(f"{where}.name: {name!r} is not a valid account name: {error}; use another one") from error
    if kept != name:
        raise CoreError(f"{where}.name: prosody writes {name!r} as {kept!r}; use that spelling")


def _require_allowed(where: str, name: str, password: str) -> None:
    try:
        is_empty = not prepared_password(password)
    except CoreError as error:
        raise CoreError(f"{where}.password: of the password of {name!r}: {error}; set another password") from error
    if is_empty:
        raise CoreError(f"{where}.password: prosody ignores all characters of {name!r}'s; set another password")


def decide(records: Mapping[str, Record | None], accounts: Sequence[Account]) -> Work:
    """Compare what prosody has with what shall be.

    :param records: prosody's record for each name of the request, None where there is none.
    :raises CoreError: for a record that cannot be compared.
    """
    created, updated, removed = [], [], []
    for account in accounts:
        record = records[account.name]
        if account.password is None:
            removed += [account.name] if record is not None else []
        elif record is None:
            created.append(account.name)
        elif not _fits(account.name, record, account.password):
            updated.append(account.name)
    return Work(tuple(created), tuple(updated), tuple(removed))


def _fits(name: str, record: Record, password: str) -> bool:
    try:
        return fits(record, password)
    except CoreError as error:
        raise CoreError(
            f"Cannot compare the record of {name!r}: {error}; remove the account with prosodyctl deluser, and run again"
        ) from error
