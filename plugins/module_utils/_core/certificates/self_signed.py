# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates that the proxy makes itself, and whether they still do."""

from __future__ import annotations

import calendar
import re
import time
from typing import Sequence

#: Browsers take no certificate for longer, and a run renews it in time.
DAYS = 397
_SPARE_SECONDS = 30 * 86400
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_NOTE = re.compile(r"\ANames: (.*)\nNot after: (\S+)\n")


def note(names: Sequence[str], now: float) -> str:
    """What stands above a certificate that is made now, so that nobody has to decode it to know it."""
    return f"Names: {' '.join(names)}\nNot after: {time.strftime(_FORMAT, time.gmtime(now + DAYS * 86400))}\n"


def is_noted(text: str) -> bool:
    """Whether the text of a certificate begins with such a note."""
    return bool(_NOTE.match(text))


def is_good(text: str, names: Sequence[str], now: float) -> bool:
    """Whether a certificate with a note is for exactly these names and lasts another 30 days, and not for ten years.

    :param now: seconds since 1970.
    """
    noted = _NOTE.match(text)
    if not noted or sorted(noted[1].split()) != sorted(names):
        return False
    try:
        ends = calendar.timegm(time.strptime(noted[2], _FORMAT))
    except ValueError:
        return False
    # Earlier ones were authorities for ten years.
    return _SPARE_SECONDS < ends - now <= DAYS * 86400


def names_in(output: str) -> list[str]:
    """The names that ``openssl x509 -ext subjectAltName`` printed."""
    return re.findall(r"DNS:([^,\s]+)", output)


def describes(output: str, names: Sequence[str]) -> bool:
    """Whether ``openssl x509 -ext subjectAltName`` printed exactly these names."""
    return sorted(names_in(output)) == sorted(names)


def configuration(names: Sequence[str]) -> str:
    """What openssl is told of a certificate for some names: it signs no others."""
    return (
        "[req]\nprompt = no\ndistinguished_name = subject\nx509_extensions = server\n"
        f"[subject]\nCN = {names[0][:64]}\n"
        "[server]\nbasicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\n"
        "extendedKeyUsage = serverAuth\nsubjectKeyIdentifier = hash\n"
        f"subjectAltName = {','.join(f'DNS:{name}' for name in names)}\n"
    )


def request(configuration_file: str, key: str, certificate: str) -> list[str]:
    """The command that makes a key, which only its owner can read, and a certificate."""
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(DAYS)]
    return ["openssl", "req", "-x509", *kind, "-config", configuration_file, "-keyout", key, "-out", certificate]


def question(certificate: str, seconds: int = _SPARE_SECONDS) -> list[str]:
    """The command that says for which names a certificate is, and fails where it does not last that long."""
    return ["openssl", "x509", "-noout", "-checkend", str(seconds), "-ext", "subjectAltName", "-in", certificate]
