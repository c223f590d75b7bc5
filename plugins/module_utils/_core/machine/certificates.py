# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates, as ``openssl x509`` prints them."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from ipaddress import ip_address

_BEGINS, _ENDS = "notBefore=", "notAfter="
_DAY = 86400
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
#: How openssl writes an alternative name, and what the name is without it.
_KINDS = ("DNS:", "IP Address:")
MISSING = "there is no such file"
UNREADABLE = "openssl finds no certificate in it"
KEY_UNREADABLE = "openssl finds no private key without a passphrase in it"
OTHER_KEY = "it belongs to another certificate"
NO_OPENSSL = "the command openssl is missing; install the package openssl"


@dataclass(frozen=True)
class Certificate:
    """A certificate in a file.

    :param name: the name for which it must be valid; empty if that does not matter.
    :param not_before: the time of its begin in UTC, in the format of ISO 8601; empty if it cannot be read.
    :param not_after: the same for its end.
    :param days_left: the days until its end, negative after it; None if it cannot be read.
    :param begun: whether it is valid already.
    :param names: its alternative names.
    :param fits: whether it is valid for ``name``; None if that is not known.
    :param problem: why it cannot be read; empty if it can.
    :param key_fits: whether the private key belongs to it; None if nobody asked, or if the certificate has a problem.
    :param key_problem: why the key does not belong to it; empty if it does.
    """

    path: str
    name: str = ""
    not_before: str = ""
    not_after: str = ""
    days_left: float | None = None
    begun: bool = False
    names: tuple[str, ...] = ()
    fits: bool | None = None
    problem: str = ""
    key: str = ""
    key_fits: bool | None = None
    key_problem: str = ""


def command(path: str, name: str) -> list[str]:
    """What prints the dates and the names of a certificate, and whether it is valid for a name."""
    check = [] if not name else ["-checkip" if _is_address(name) else "-checkhost", name]
    return ["openssl", "x509", "-noout", "-dates", "-ext", "subjectAltName", *check, "-in", path]


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def parse_certificate(path: str, name: str, text: str, now: float) -> Certificate:
    """Read what the command printed. Its exit code says nothing, for releases differ.

    :param now: seconds since 1970.
    """
    lines = text.splitlines()
    try:
        begins, ends = (_seconds(lines, label) for label in (_BEGINS, _ENDS))
    except ValueError:
        return Certificate(path, name, problem=UNREADABLE)
    return Certificate(
        path=path,
        name=name,
        not_before=_text(begins),
        not_after=_text(ends),
        days_left=round((ends - now) / _DAY, 1),
        begun=begins <= now,
        names=_names(lines),
        fits=_fits(lines),
    )


def _seconds(lines: list[str], label: str) -> int:
    """The time in the line that a label begins.

    :raises ValueError: if there is none.
    """
    moment = next((line[len(label) :] for line in lines if line.startswith(label)), "")
    # Reads English months, whatever the machine speaks.
    return int(ssl.cert_time_to_seconds(moment))


def _text(seconds: int) -> str:
    return time.strftime(_FORMAT, time.gmtime(seconds))


def _names(lines: list[str]) -> tuple[str, ...]:
    texts = [text.strip() for line in lines if line.startswith(" ") for text in line.split(",")]
    return tuple(text[len(kind) :] for text in texts for kind in _KINDS if text.startswith(kind))


def _fits(lines: list[str]) -> bool | None:
    answers = [line for line in lines if line.endswith(" match certificate") and not line.startswith(" ")]
    return not answers[-1].endswith(" does NOT match certificate") if answers else None
