# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge the certificates in the files of a machine."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

ALL_LAST = "{machine} has certificates that last"
LASTS = "{name}: the certificate lasts"
FITS = "{name}: the certificate is for this name"
KEY = "{name}: the key belongs to the certificate"
DAYS = 14
_AUTHORITY = "/etc/letsencrypt/"
_PROSODY = ("/etc/prosody/", "/var/lib/prosody/")
_OWN = "Run selfhosted.jitsi.site, which makes a new one"
_RENEW = "On {machine} run: certbot renew. It names what prevents the renewal"
_GENERATE = (
    "On {machine} run: prosodyctl cert generate {name}; restart prosody; "
    "then run selfhosted.jitsi.site, which has Java trust the new one"
)
_REPLACE = (
    "Replace {path} on {machine}, and its key, by a certificate for {name}; then reload the program that reads it"
)


def judge_certificates(machine: str, certificates: list[Mapping[str, Any]], wanted: Mapping[str, Any]) -> list[Verdict]:
    """Return a verdict for each thing that is wrong with certificates, or one for all that are right.

    :param certificates: those of condition_info.
    :param wanted: optionally ``own_folder``, where the proxy's role keeps the certificates that it makes.
    """
    names = [_name(one) for one in certificates]
    wrong: list[Verdict] = []
    for one in certificates:
        # Two files can be for one name, and their rows must differ.
        label = f"{one['name']} ({one['path']})" if names.count(_name(one)) > 1 and one["name"] else _name(one)
        remedy = _remedy(machine, one, str(wanted.get("own_folder") or ""))
        wrong += [
            Verdict(row.format(name=label), False, expected, found, remedy) for row, expected, found in _faults(one)
        ]
    if wrong or not certificates:
        return wrong
    first = min(certificates, key=lambda one: float(one["days_left"]))
    found = f"{_name(first)} ends first, in {first['days_left']} days ({first['not_after']})"
    return [Verdict(ALL_LAST.format(machine=machine), True, f"{DAYS} more days, with names and keys", found)]


def _name(certificate: Mapping[str, Any]) -> str:
    return str(certificate["name"] or certificate["path"])


def _faults(one: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the name of the row, what is expected, and what is found, of each fault."""
    path, expected = one["path"], f"{DAYS} more days"
    if one["problem"]:
        yield LASTS, expected, f"{path}: {one['problem']}"
        return
    if not one["begun"]:
        yield LASTS, expected, f"{path} is not valid before {one['not_before']}"
    elif one["days_left"] < 0:
        yield LASTS, expected, f"{path} expired {-one['days_left']} days ago ({one['not_after']})"
    elif one["days_left"] < DAYS:
        yield LASTS, expected, f"{path} ends in {one['days_left']} days ({one['not_after']})"
    if one["fits"] is False:
        yield FITS, str(one["name"]), f"{path} is for {', '.join(one['names']) or 'no name'}"
    if one["key_fits"] is False:
        yield KEY, "the key of this certificate", f"{one['key']}: {one['key_problem']}"


def _remedy(machine: str, one: Mapping[str, Any], own_folder: str) -> str:
    path, name = str(one["path"]), _name(one)
    if path.startswith(_AUTHORITY):
        return _RENEW.format(machine=machine)
    if own_folder and path.startswith(own_folder.rstrip("/") + "/"):
        # What an authority signed lies elsewhere, and only links lead there.
        return f"{_OWN}; if an authority signs it: {_RENEW.format(machine=machine)}"
    if path.startswith(_PROSODY):
        return _GENERATE.format(machine=machine, name=name)
    return _REPLACE.format(machine=machine, path=path, name=name)
