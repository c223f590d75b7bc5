# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record that prosody keeps of an account, and whether a password fits it."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Dict

from ..errors import CoreError
from .preparation import prepared_password

# What a record says, by name; numbers as text.
Record = Dict[str, str]

_FIELD = re.compile(r'\["(?P<name>\w+)"\]\s*=\s*(?:"(?P<text>(?:[^"\\]|\\.)*)"|(?P<number>[0-9.]+))', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:(?P<code>[0-9]{1,3})|(?P<letter>.))", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
#: The length of a stored key in hexadecimal tells with which hash it was made.
_HASHES = {40: "sha1", 64: "sha256"}


def folder_name(text: str) -> str:
    """How prosody writes a host's or an account's name in the file system: all but letters and digits as %xx."""
    return re.sub(rb"[^A-Za-z0-9]", lambda found: b"%%%02x" % ord(found[0]), text.encode()).decode()


def record_from(text: str) -> Record:
    """Read the Lua table that prosody wrote, each byte as one character; what is no text or number is left out."""
    return {
        found["name"]: found["number"] if found["number"] is not None else _ESCAPE.sub(_unescaped, found["text"])
        for found in _FIELD.finditer(text)
    }


def _unescaped(found: re.Match[str]) -> str:
    if found["code"] is not None:
        return chr(int(found["code"]))
    return _LETTERS.get(found["letter"], found["letter"])


def fits(record: Record, password: str) -> bool:
    """Whether a password is the one of a record, in plain text or as SCRAM keeps it (RFC 5802).

    :raises CoreError: for a record that is made in another way; the text holds nothing of it.
    """
    if "password" in record:
        return hmac.compare_digest(record["password"].encode("latin-1"), password.encode())
    missing = [name for name in ("stored_key", "salt", "iteration_count") if name not in record]
    stored = record.get("stored_key", "")
    if missing or len(stored) not in _HASHES:
        raise CoreError(
            "it has neither a password nor a usable SCRAM key "
            f"({'missing: ' + ', '.join(missing) if missing else 'stored_key has an unknown length'})"
        )
    name = _HASHES[len(stored)]
    salted = hashlib.pbkdf2_hmac(
        name,
        prepared_password(password).encode(),
        record["salt"].encode("latin-1"),
        int(float(record["iteration_count"])),
    )
    client_key = hmac.new(salted, b"Client Key", name).digest()
    return hmac.compare_digest(hashlib.new(name, client_key).hexdigest(), stored.lower())
