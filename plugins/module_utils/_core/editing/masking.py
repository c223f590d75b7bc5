# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which texts are secrets, by the names before them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Iterable, Pattern

MASK = "********"
# Ansible replaces a secret wherever it occurs in a result; a short one would maim paths and words.
_SHORTEST_REPLACED = 6

_WORDS = (
    "passw(?:or)?d",
    # PASS, certpass, jks.pass, but neither bypass nor passive.
    "(?<!by)(?<!com)pass(?![a-z])",
    "pass[_.-]?(?:code|phrase|key)",
    "pwd",
    "secret",
    "token",
    "credential",
    "(?:private|api|access|auth|encryption|signing|licen[cs]e)[ _.-]?key",
    "jwt",
    "bearer",
    "authorization",
    "hmac",
)
#: What is found in the names of secrets.
SECRET = re.compile("|".join(_WORDS), re.IGNORECASE)

# Bounded, so that a long text takes no time that grows with its square. A value may be in quotes that are escaped.
_ASSIGNED = r"[\w.-]{0,40}[\"'\\\s]{0,20}[:=]"
#: The part of a URL before the password in it.
_USER = r"://[^\s/:@\"']{0,200}:(?=[^\s/@\"']{1,200}@)"
_SCHEME = r"(?:bearer|basic|digest)\s+"


def of_names(names: Iterable[str]) -> Pattern[str]:
    """What is found in the names of secrets: the words that look like one, and some names as a whole."""
    whole = (rf"(?<![\w$-]){re.escape(name)}(?![\w$-])" for name in names)
    return re.compile("|".join([SECRET.pattern, *whole]), SECRET.flags)


def holds_secret(text: str, secret: Pattern[str]) -> bool:
    """Whether a value that is no secret by its name holds one, as in ``{credential: 'x'}`` or ``https://user:x@host``."""
    return bool(_inside(secret).search(text))


@lru_cache(maxsize=None)
def _inside(secret: Pattern[str]) -> Pattern[str]:
    return re.compile(f"(?:{secret.pattern}){_ASSIGNED}|{_USER}", secret.flags)


@lru_cache(maxsize=None)
def before_secret(secret: Pattern[str]) -> Pattern[str]:
    """What stands before a secret in a comment: a name, or the part of a URL before its password."""
    return re.compile(f"{secret.pattern}|{_USER}", secret.flags)


_IN_LOG = re.compile(rf"((?:{SECRET.pattern}){_ASSIGNED}\s*[\"'\\]*(?:{_SCHEME})?|{_USER})[^\s\"'\\@&]+", re.IGNORECASE)


def without_secrets(line: str) -> str:
    """A line of a log without what stands behind the name of a secret and = or :, and without passwords of URLs."""
    return _IN_LOG.sub(rf"\g<1>{MASK}", line)


def replaceable(secrets: Iterable[str]) -> set[str]:
    """Return the secrets that are long enough for Ansible to replace them in a whole result."""
    return {text for text in secrets if len(text) >= _SHORTEST_REPLACED}
