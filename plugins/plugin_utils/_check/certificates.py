# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say which certificates of the proxy no authority has signed."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .rows import Part

SELF_SIGNED = "signed by itself, so browsers warn and the mobile apps refuse it; acme or provided is for the public"


def judge(_machine: str, part: Part) -> list[Verdict]:
    """Return a verdict for each self-signed certificate. The condition of the machine says when it ends.

    :param part: ``names``, the sites that have one.
    """
    return [_authority(str(name)) for name in part["names"]]


def _authority(site: str) -> Verdict:
    return Verdict(f"{site}: the certificate's authority", True, "any, as the inventory asks", SELF_SIGNED)
