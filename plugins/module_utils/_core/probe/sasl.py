# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logins to an XMPP server: PLAIN (RFC 4616) and SCRAM-SHA-1 (RFC 5802)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re

from .verdict import ProbeError

ANONYMOUS, PLAIN, SCRAM = "ANONYMOUS", "PLAIN", "SCRAM-SHA-1"
#: Far above what servers use. More would keep the machine busy for minutes.
MOST_ITERATIONS = 1_000_000
_HEADER = "n,,"


def plain(username: str, password: str) -> str:
    """The payload of a login with PLAIN."""
    return _encoded(f"\0{username}\0{password}")


class Scram:
    """One login with SCRAM-SHA-1.

    :param nonce: random text without a comma.
    """

    def __init__(self, username: str, password: str, nonce: str) -> None:
        name = username.replace("=", "=3D").replace(",", "=2C")
        self._password = password.encode("utf-8")
        self._nonce = nonce
        self._begin = f"n={name},r={nonce}"
        self._signature = b""

    def first(self) -> str:
        """The payload that begins the login."""
        return _encoded(_HEADER + self._begin)

    def answer(self, challenge: str) -> str:
        """The payload that proves the password.

        :raises ProbeError: if the challenge is none.
        """
        asked = _decoded(challenge)
        said = _fields(asked)
        nonce, iterations = said.get("r", ""), said.get("i", "")
        if not nonce.startswith(self._nonce) or not re.fullmatch("[0-9]{1,9}", iterations) or "s" not in said:
            raise ProbeError("the server sent no valid challenge")
        if not 0 < int(iterations) <= MOST_ITERATIONS:
            raise ProbeError(f"the server asks for {iterations} iterations")
        salted = hashlib.pbkdf2_hmac("sha1", self._password, _bytes(said["s"]), int(iterations))
        final = f"c={_encoded(_HEADER)},r={nonce}"
        whole = f"{self._begin},{asked},{final}".encode()
        key = _hmac(salted, b"Client Key")
        proof = bytes(a ^ b for a, b in zip(key, _hmac(hashlib.sha1(key).digest(), whole)))
        self._signature = _hmac(_hmac(salted, b"Server Key"), whole)
        return _encoded(f"{final},p={base64.b64encode(proof).decode()}")

    def is_proven(self, success: str) -> bool:
        """Whether the server knows the password, too."""
        proof = _bytes(_fields(_decoded(success)).get("v", ""))
        return bool(self._signature) and hmac.compare_digest(proof, self._signature)


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha1).digest()


def _fields(text: str) -> dict[str, str]:
    return {field[0]: field[2:] for field in text.split(",") if field[1:2] == "="}


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def _decoded(text: str) -> str:
    return _bytes(text).decode("utf-8", "replace")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProbeError("the server sent no valid challenge") from error
