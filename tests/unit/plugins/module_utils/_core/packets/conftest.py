# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules as real tools print them (iptables 1.8.9, nft 1.0.6, ufw 0.36.2), and packets that go through them."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packets import iptables_rules, nft_ruleset
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packets.packet import parse_packet
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packets.verdict import judge_packet

HERE = Path(__file__).parent / "rulesets"
LOCAL = frozenset(map(IPv4Address, ("198.51.100.10", "192.168.122.1")))
OUTSIDE = {
    "name": "a packet",
    "hook": "forward",
    "protocol": "udp",
    "source": "203.0.113.9",
    "destination": "192.168.122.120",
    "port": 10000,
    "source_port": 50000,
    "in_interface": "eth0",
    "out_interface": "virbr0",
    "state": "new",
    "translated": False,
}


def packet(**changes):
    return parse_packet({**OUTSIDE, **changes}, "packets[0]", LOCAL)


def saved(name, program="iptables"):
    return list(iptables_rules.base_chains(program, (HERE / f"{name}.save").read_text()))


def native(name, covered=()):
    ruleset, listing = ((HERE / f"{name}{end}").read_text() for end in (".json", ".nft"))
    return list(nft_ruleset.base_chains(ruleset, listing, covered))


def result(chains, **changes):
    return judge_packet(packet(**changes), chains)


def brief(chains, **changes):
    """The verdict and the rule, shortened to what matters here."""
    found = result(chains, **changes)
    return found["verdict"], found["rule"]


@pytest.fixture
def rules():
    return SimpleNamespace(packet=packet, saved=saved, native=native, result=result, brief=brief)
