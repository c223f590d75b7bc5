# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outside hosts that a configuration names, judged as rows of a check."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .rows import Part

NAME = "no outside host is contacted"
NOBODY = "no outside host"
REMEDY = (
    "Run selfhosted.jitsi.site, which takes it out (jitsi_meet_privacy is strict). If your own settings "
    "(jitsi_meet_config_js and others) name the host, remove it there, or list it in check_wanted_hosts"
)


def judge(_machine: str, part: Part) -> list[Verdict]:
    """Return the verdicts about outside hosts.

    :param part: ``hosts`` and ``problems``, as outside_hosts_info returns them; whether the site is ``strict``, and the
        ``wanted`` hosts.
    """
    return judge_outside_hosts(part["hosts"], part["problems"], bool(part["strict"]), map(str, part["wanted"]))


def judge_outside_hosts(
    hosts: Sequence[Mapping[str, Any]], problems: Iterable[str], strict: bool, wanted: Iterable[str]
) -> list[Verdict]:
    """A row for the outside hosts of each setting, one for the links, and one for each file that was not judged.

    :param hosts: mappings with host, file, key and link.
    :param strict: whether a host that nobody wants is wrong.
    """
    allowed = {name.lower() for name in wanted}
    named: dict[str, list[str]] = {}
    for entry in hosts:
        if not entry["link"]:
            named.setdefault(entry["host"], []).append(f"{entry['key']} in {entry['file']}")
    # A list of servers is one setting.
    together: dict[tuple[str, bool], list[str]] = {}
    for host, places in named.items():
        together.setdefault(("; ".join(dict.fromkeys(places)), host in allowed), []).append(host)
    rows = [_row(", ".join(those), where, strict, is_allowed) for (where, is_allowed), those in together.items()]
    links = sorted({entry["host"] for entry in hosts if entry["link"]})
    rows = rows or [Verdict(NAME, True, NOBODY, NOBODY, "")]
    if links:
        rows.append(Verdict("outside links, opened only by a click", True, "any", ", ".join(links), ""))
    rows.extend(Verdict(NAME, True, NOBODY, f"not judged: {problem}", "") for problem in problems)
    return rows


def _row(those: str, where: str, strict: bool, is_allowed: bool) -> Verdict:
    found = f"{those}: {where}"
    if is_allowed:
        return Verdict(NAME, True, f"{NOBODY} except {those}", found, "")
    if not strict:
        return Verdict(NAME, True, "any host, because jitsi_meet_privacy is stock", found, "")
    return Verdict(NAME, False, NOBODY, found, REMEDY)
