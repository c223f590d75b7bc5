# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge the self-signed certificates of the proxy."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .rows import Part

SELF_SIGNED = "signed by itself, so browsers warn and the mobile apps refuse it; acme or provided is for the public"
_END = "notAfter="


def judge(_machine: str, part: Part) -> list[Verdict]:
    """Return two verdicts for each certificate.

    :param part: ``ends``, the results of openssl x509 in a loop over the files.
    """
    return [_authority(end) for end in part["ends"]] + [_end(end) for end in part["ends"]]


def _site(end: Mapping[str, Any]) -> str:
    return str(end["item"])


def _authority(end: Mapping[str, Any]) -> Verdict:
    return Verdict(f"{_site(end)}: the certificate's authority", True, "any, as the inventory asks", SELF_SIGNED)


def _end(end: Mapping[str, Any]) -> Verdict:
    lines = (line for line in end.get("stdout_lines", ()) if line.startswith(_END))
    found = "".join(f"ends {line[len(_END) :]}" for line in lines) or "no certificate"
    remedy = "Run selfhosted.jitsi.site, which makes a new one"
    return Verdict(f"{_site(end)}: the certificate lasts", end["rc"] == 0, "14 more days", found, remedy)
