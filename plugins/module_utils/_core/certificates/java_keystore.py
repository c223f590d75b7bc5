# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which certificates a trust store of Java holds, read as Java reads the format JKS."""

from __future__ import annotations

import base64
import binascii
import re
import struct

from ..errors import CoreError

MAGIC = 0xFEEDFEED
_KEY, _CERTIFICATE = 1, 2
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


class _Reader:
    """Numbers in network order, and what they are the length of."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def take(self, length: int) -> bytes:
        piece = self._content[self._at : self._at + length]
        if len(piece) < length:
            raise CoreError("the trust store is truncated in the middle of an entry")
        self._at += length
        return piece

    def number(self, form: str) -> int:
        number: int = struct.unpack(">" + form, self.take(struct.calcsize(form)))[0]
        return number

    def text(self) -> str:
        return self.take(self.number("H")).decode("utf-8", "replace")

    def certificate(self) -> bytes:
        self.text()
        return self.take(self.number("I"))


def certificates_of(store: bytes) -> dict[str, bytes]:
    """The trusted certificates of a store, as DER, by their aliases.

    :raises CoreError: if it is no store of the format JKS, in which Debian keeps the one of all programs.
    """
    reader = _Reader(store)
    if len(store) < 12 or reader.number("I") != MAGIC:
        raise CoreError("the trust store is not in the format JKS")
    version = reader.number("I")
    if version != 2:
        raise CoreError(f"the trust store has version {version} of the format JKS; only version 2 is supported")
    found = {}
    for _position in range(reader.number("I")):
        kind, alias = reader.number("I"), reader.text()
        reader.take(8)
        if kind == _CERTIFICATE:
            found[alias] = reader.certificate()
        elif kind == _KEY:
            reader.take(reader.number("I"))
            for _link in range(reader.number("I")):
                reader.certificate()
        else:
            raise CoreError(f"the trust store has an entry of the unknown type {kind}")
    return found


def first_certificate(text: str) -> bytes:
    """The first certificate of a PEM text, as DER: a server shows it, and what follows are its authorities.

    :raises CoreError: if there is none.
    """
    match = _PEM.search(text)
    if match is None:
        raise CoreError("there is no line -----BEGIN CERTIFICATE-----")
    try:
        return base64.b64decode("".join(match.group(1).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise CoreError(f"the certificate is not valid base64 ({error})") from error


def aliases_of(certificate: bytes, trusted: dict[str, bytes]) -> list[str]:
    """The names under which a certificate is trusted."""
    return sorted(alias for alias, one in trusted.items() if one == certificate)
