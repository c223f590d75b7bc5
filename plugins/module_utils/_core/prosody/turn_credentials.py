# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials for a TURN server, as prosody makes them out of the secret that both know."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from ..errors import CoreError

_SECRET = re.compile(r"^\s*external_service_secret\s*=\s*([\"'])((?:(?!\1)[^\\\n])*)\1\s*;?\s*(?:--.*)?$", re.MULTILINE)


def secret_of(text: str) -> str:
    """The secret that a file of prosody's names last.

    :raises CoreError: if it names none; the text holds no secret.
    """
    found: list[tuple[str, str]] = _SECRET.findall(text)
    if not found or not found[-1][1]:
        raise CoreError("the file has no line external_service_secret with a text without backslashes")
    return found[-1][1]


def credentials(secret: str, until: int, name: str) -> tuple[str, str]:
    """A user name and its password.

    :param until: the last second, since the epoch, in which the server takes them.
    """
    username = f"{until}:{name}" if name else str(until)
    digest = hmac.new(secret.encode("utf-8"), username.encode("utf-8"), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode("ascii")
