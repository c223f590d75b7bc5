# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read certificates, and compare them with their keys. No private key is printed."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, replace
from typing import Any, Mapping

from ..._core.machine.certificates import (
    KEY_UNREADABLE,
    MISSING,
    NO_OPENSSL,
    OTHER_KEY,
    Certificate,
    command,
    parse_certificate,
)
from ..commands import Runner


def read_certificate(wanted: Mapping[str, Any], run: Runner) -> dict[str, Any]:
    """The certificate in a file, as data.

    :param wanted: ``path``; ``name``, or empty; ``key``, the path of its private key, or None.
    """
    path, name, key = wanted["path"], wanted["name"], wanted["key"] or ""
    return asdict(replace(_with_key(_read(path, name, run), key, run), key=key))


def _read(path: str, name: str, run: Runner) -> Certificate:
    if not os.path.exists(path):
        return Certificate(path, name, problem=MISSING)
    try:
        _status, output, errors = run(command(path, name), "")
    except FileNotFoundError:
        return Certificate(path, name, problem=NO_OPENSSL)
    return parse_certificate(path, name, f"{output}\n{errors}", time.time())


def _with_key(certificate: Certificate, key: str, run: Runner) -> Certificate:
    if not key or certificate.problem:
        return certificate
    problem = _key_problem(certificate.path, key, run)
    return replace(certificate, key_fits=not problem, key_problem=problem)


def _key_problem(path: str, key: str, run: Runner) -> str:
    if not os.path.exists(key):
        return MISSING
    # An empty passphrase is given, or openssl would ask for one on a terminal.
    status, of_key, _errors = run(["openssl", "pkey", "-pubout", "-passin", "pass:", "-in", key], "")
    if status != 0:
        return KEY_UNREADABLE
    _status, of_certificate, _errors = run(["openssl", "x509", "-noout", "-pubkey", "-in", path], "")
    return "" if of_key == of_certificate else OTHER_KEY
