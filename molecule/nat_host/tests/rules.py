"""The host's rules: what it has, and rules that somebody else has in it for a while."""

from __future__ import annotations

import re
from contextlib import contextmanager

from packets import JITSI, PUBLIC
from runs import restart_libvirt

#: What people write first. The article's second rule is appended; the matrix also has it on top.
DNAT = f"-t nat -A PREROUTING -d {PUBLIC} -p tcp --dport 4443 -j DNAT --to-destination {JITSI}"
ACCEPT_LAST = f"-A FORWARD -d {JITSI} -p tcp --dport 4443 -j ACCEPT"
ACCEPT_FIRST = f"-I FORWARD -d {JITSI} -p tcp --dport 4443 -j ACCEPT"
LIBVIRT_JUMPS = ("LIBVIRT_FWO", "LIBVIRT_FWI", "LIBVIRT_FWX")


@contextmanager
def rules(host, *lines, command="iptables"):
    """Have rules for a while, in this order."""
    for line in lines:
        host.run_expect([0], f"{command} -w {line}")
    try:
        yield
    finally:
        for line in lines:
            host.run_expect([0], f"{command} -w {re.sub('-[AI] ', '-D ', line, count=1)}")


@contextmanager
def nft_rules(host, text, undo):
    """The same for nft."""
    host.run_expect([0], f"printf %s '{text}' | nft -f -")
    try:
        yield
    finally:
        host.run_expect([0], undo)


@contextmanager
def no_jumps_to_libvirt(host):
    """As where the guests' bridge is not libvirt's."""
    for chain in LIBVIRT_JUMPS:
        host.run_expect([0], f"iptables -w -D FORWARD -j {chain}")
    try:
        yield
    finally:
        restart_libvirt(host)


@contextmanager
def policy_drop(host):
    """As docker and ufw have it."""
    host.run_expect([0], "iptables -w -P FORWARD DROP")
    try:
        yield
    finally:
        host.run_expect([0], "iptables -w -P FORWARD ACCEPT")


def insert_libvirt_on_top(host):
    """As at boot, when rules are restored first and libvirt comes later."""
    for chain in LIBVIRT_JUMPS:
        host.run_expect([0], f"iptables -w -D FORWARD -j {chain} && iptables -w -I FORWARD -j {chain}")


def saved(host, command="iptables-save"):
    """All rules, without counters and dates."""
    text = re.sub(r"\[\d+:\d+\]", "", host.check_output(command))
    return [line for line in text.splitlines() if not line.startswith("#")]


def foreign(host):
    """All rules that are none of the owner's own, in their order."""
    return [line for line in saved(host) if "PF-jitsi-" not in line]
