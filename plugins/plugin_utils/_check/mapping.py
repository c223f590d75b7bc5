# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge from a bridge's logs whether it maps its address."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Iterable

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

ADDRESS = r"/?([0-9]+(?:\.[0-9]+){3})"
MAPPING = re.compile(rf"(?:face|localAddress)={ADDRESS}[^,]*,\s*(?:mask|publicAddress)={ADDRESS}")
MOMENT = re.compile(r"([0-9]{4}-[01][0-9]-[0-3][0-9])[ T]([0-2][0-9]:[0-5][0-9]:[0-5][0-9])")
# A bridge writes its first line within seconds of its start; a log that begins later than this has been rotated away.
SLOWEST_START = timedelta(minutes=10)

SWAPPED = "The local and the public address are swapped; correct jitsi_meet_local_address and the public addresses"
NOT_RUNNING = "Start the bridge with 'systemctl start jitsi-videobridge2', and read 'journalctl -u jitsi-videobridge2'"
NOT_MAPPED = (
    "Run selfhosted.jitsi.site to set the addresses of the bridge (jitsi_meet_local_address, "
    "jitsi_meet_public_addresses), and check that the bridge can write /var/log/jitsi/jvb.log"
)


def judge_mapping(
    name: str, lines: Iterable[str], started: str, local: str, public: Iterable[str], oldest: str = ""
) -> Verdict:
    """Say whether the bridge, since its last start, maps its local to each public address.

    Where rotation has taken the log of its start away, nothing is judged: a bridge that runs for weeks is no failure.

    :param lines: lines of its logs, in order.
    :param started: when systemd started it, as ``systemctl show`` prints ExecMainStartTimestamp; empty if it is down.
    :param local: the address that the bridge binds.
    :param public: the addresses that clients shall be told.
    :param oldest: the oldest line of its logs that is kept.
    """
    wanted = [(local, address) for address in public]
    expected = ", ".join(_arrow(pair) for pair in wanted)
    since = _moment(started)
    if not since:
        return Verdict(name, False, expected, "the bridge is not running", NOT_RUNNING)
    seen = mappings_since(lines, since)
    if not seen and _begins_later(_moment(oldest), since):
        return Verdict(
            name, True, expected, f"not judged: its log begins at {_moment(oldest)}, but it started at {since}"
        )
    ok = all(pair in seen for pair in wanted)
    found = ", ".join(_arrow(pair) for pair in seen) or f"no mapping in its log since {since}"
    swapped = any((outside, inside) in seen for inside, outside in wanted)
    return Verdict(name, ok, expected, found, SWAPPED if swapped else NOT_MAPPED)


def mappings_since(lines: Iterable[str], since: str) -> list[tuple[str, str]]:
    """Each (local, public) pair that lines of or after a moment name, once, in order.

    :param since: ``YYYY-MM-DD HH:MM:SS`` in the machine's own time, which both systemd and the bridge write.
    """
    pairs: list[tuple[str, str]] = []
    now = ""
    for line in lines:
        now = _moment(line) or now
        if now >= since:
            pairs.extend(pair for pair in MAPPING.findall(line) if pair not in pairs)
    return pairs


def _moment(text: str) -> str:
    match = MOMENT.search(text)
    return " ".join(match.groups()) if match else ""


def _begins_later(oldest: str, since: str) -> bool:
    form = "%Y-%m-%d %H:%M:%S"
    return bool(oldest) and datetime.strptime(oldest, form) - datetime.strptime(since, form) > SLOWEST_START


def _arrow(pair: tuple[str, str]) -> str:
    return f"{pair[0]} -> {pair[1]}"
