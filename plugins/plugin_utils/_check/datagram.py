# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge whether a datagram reached the host and the bridge."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.addresses import inside
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .rows import Part, probed

NOT_RECEIVED = (
    "Run selfhosted.jitsi.site. It forwards the UDP port on the host to the bridge (nat_host_forwards), and moves the "
    "jump to its rules in FORWARD above libvirt's REJECT"
)
REWRITTEN = (
    "A machine on the way replaces the sender's address; limit masquerading to packets that leave the guests' network, "
    "and probe from a machine that is not behind the host itself"
)


def judge(_machine: str, part: Part) -> list[Verdict]:
    """Return the verdicts about the datagrams to all bridges.

    :param part: ``tries``, one for each bridge.
    """
    return [row for one in part["tries"] for row in judge_try(one)]


def judge_try(one: Mapping[str, Any]) -> list[Verdict]:
    """Return the verdicts about the datagrams to one bridge.

    :param one: ``machine`` and ``port`` of the bridge; ``at`` and ``from``, which tell the rows of several machines
        apart; ``public_address`` of the host; ``sent``, results of probe_info; ``captured``, results of datagram_info
        on the bridge's machine and then on the host, which can have ``failed`` or be of a machine that was
        ``unreachable``.
    """
    name = f"udp/{one['port']}: reaches the bridge{one['at']}{one['from']}"
    sent, captured = probed(one["sent"][:1]), one["captured"]
    lost = [str(capture.get("msg") or "no answer") for capture in captured if _is_lost(capture)]
    if lost:
        return [_unwatched(name, str(one["machine"]), lost)]
    received, source = bool(captured[0]["received"]), str(captured[0].get("source", ""))
    arrival = judge_datagram(name, received, source, str(one["sent"][0]["source"]), str(one["public_address"]))
    at_host = [_at_host(one, bool(capture["received"])) for capture in captured[1:]]
    return [row for row in sent if not row.ok] + at_host + [arrival]


def _at_host(one: Mapping[str, Any], arrived: bool) -> Verdict:
    remedy = (
        "Something before the host drops it: allow UDP in the provider's firewall, and see that "
        f"{one['public_address']} is the host's address"
    )
    found = "arrived" if arrived else "did not arrive"
    return Verdict(f"udp/{one['port']}: reaches the host{one['from']}", arrived, "arrived", found, remedy)


def _is_lost(capture: Mapping[str, Any]) -> bool:
    return bool(capture.get("unreachable") or capture.get("failed"))


def _unwatched(name: str, machine: str, messages: Sequence[str]) -> Verdict:
    found = "; ".join(dict.fromkeys(messages))
    remedy = "The check needs root and Linux's packet sockets there; correct this and check again"
    return Verdict(name, False, f"to be watched for on {machine}", found, remedy)


def judge_datagram(name: str, received: bool, source: str, sent_from: str, public_address: str) -> Verdict:
    """Say whether a datagram reached the bridge's machine with the sender's own address.

    :param received: whether the bridge's machine saw it at all.
    :param source: the source address that it saw.
    :param sent_from: the source address on the sending machine, which may itself be behind NAT.
    :param public_address: the site's public address, which must never appear as a source.
    """
    sender_hidden = inside(sent_from)
    expected = "arrives from the sender's public address" if sender_hidden else f"arrives from {sent_from}"
    if not received:
        return Verdict(name, False, expected, "did not arrive", NOT_RECEIVED)
    own = source == sent_from or (sender_hidden and not inside(source) and source != public_address)
    return Verdict(name, own, expected, f"arrived from {source}", REWRITTEN)
