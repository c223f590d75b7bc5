# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge the TURN server: what clients are told of it, and whether it relays."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .failures import NOTHING, TRY, unread
from .prosody import judge_services
from .rows import Part, probed


def judge_announcement(_machine: str, part: Part) -> list[Verdict]:
    """Return the verdict about what clients are told.

    :param part: ``told`` (lines of prosody's shell), the virtual ``hosts``, and the ``ways`` to the server.
    """
    return [judge_services("prosody tells clients of the TURN server", part["told"], part["hosts"], part["ways"])]


def judge_credentials(machine: str, part: Part) -> list[Verdict]:
    """Return a verdict only if no credentials could be made.

    :param part: ``secret_file``, and ``failure`` if there is one.
    """
    if "failure" not in part:
        return []
    failure = dict(part["failure"])
    if failure["censored"]:
        failure["message"] = NOTHING
    remedy = (
        f"See that {part['secret_file']} on {machine} has external_service_secret, which selfhosted.jitsi.site writes, "
        "and check again"
    )
    return [unread("the TURN server can be tried", failure, remedy)]


def judge_relay(_machine: str, part: Part) -> list[Verdict]:
    """Return the verdicts about the server as a machine outside sees it.

    :param part: ``answered`` and ``relayed``, results of probe_info; or ``failure``; and ``from``, which tells the rows
        of several machines apart.
    """
    if "failure" in part:
        return [unread(f"the TURN server can be tried{part['from']}", part["failure"], TRY)]
    return probed(part["answered"]) + probed(part["relayed"])
