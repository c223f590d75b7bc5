# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A flood of UDP keeps no change from being confirmed or put back, judged by 40,000 real flows."""

from __future__ import annotations

import sys
import time

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import conntrack as flows
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import netlink as conntrack
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import rollback
from namespaces import ask, carry_out, confirm, forward, wait_for

# The kernel tracks the same flows for both variants of iptables.
pytestmark = pytest.mark.parametrize("namespace", ["nft"], indirect=True)

FLOWS = 40_000
#: Far less than the minutes that one command for each flow takes, and less than a flow lives by itself (30 s).
QUICK = 20
BRIDGE = {"protocol": "udp", "port": "10000-10010", "to": "192.168.122.120"}
MOVED = {**BRIDGE, "to": "192.168.122.121"}
#: Each datagram comes from another port; the ports and the addresses of a client are its own to choose.
FLOOD = """
import socket, sys
for number in range(int(sys.argv[1])):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((f"127.0.0.{1 + number // 60000}", 1024 + number % 60000))
        client.sendto(b"x", ("198.51.100.10", int(sys.argv[2]) + number % 11))
"""


@pytest.fixture
def host(namespace, monkeypatch):
    """A host with the public address and a way to its guests."""
    monkeypatch.setattr(rollback, "run_command", namespace.run)
    for command in (
        "ip link set lo up",
        "ip address add 198.51.100.10/32 dev lo",
        "ip address add 192.168.122.1/24 dev lo",
    ):
        assert namespace.run(command.split())[0] == 0, command
    # Connections are tracked from the first rule that needs it.
    namespace.iptables("-t", "nat", "-A", "POSTROUTING", "-s", "192.0.2.0/24", "-j", "MASQUERADE")
    return namespace


def flood(host, count=FLOWS, port=10000):
    status, _output, errors = host.run([sys.executable, "-c", FLOOD, str(count), str(port)])
    assert status == 0, errors


def destinations(host):
    """How many flows of the forwarded ports each machine answers."""
    found = {}
    with host.open_conntrack() as connection:
        for flow, _key in conntrack.udp_flows(connection):
            if 10000 <= flow.destination_port <= 10010:
                found[str(flow.answers_from)] = found.get(str(flow.answers_from), 0) + 1
    return found


def test_flows_are_forgotten_in_seconds(host):
    flood(host)
    assert destinations(host) == {"198.51.100.10": FLOWS}
    forward(host, BRIDGE)
    began = time.monotonic()
    assert flows.forget_owed("j", host.run) == (f"{FLOWS} UDP flow(s) to earlier targets were deleted",)
    assert time.monotonic() - began < QUICK
    assert destinations(host) == {}
    assert flows.forget_owed("j", host.run) == ()


def test_a_change_in_a_flood_is_in_force_at_once_and_can_be_confirmed(host):
    forward(host, BRIDGE)
    flood(host)
    assert destinations(host) == {"192.168.122.120": FLOWS}
    began = time.monotonic()
    done = carry_out("j", ask(MOVED), host.run, seconds=30)
    assert time.monotonic() - began < QUICK
    # Nothing was done meanwhile that somebody has to wait for.
    assert destinations(host) == {"192.168.122.120": FLOWS}
    confirm("j", done.token)
    assert flows.forget_owed("j", host.run)
    assert time.monotonic() - began < QUICK
    assert destinations(host) == {}
    flood(host, 11)
    assert destinations(host) == {"192.168.122.121": 11}


def test_a_change_in_a_flood_that_nobody_confirms_is_put_back_in_time(host):
    forward(host, BRIDGE)
    before = host.save()
    flows.forget_owed("j", host.run)
    carry_out("j", ask(MOVED), host.run, seconds=4)
    flood(host, 11)
    assert destinations(host) == {MOVED["to"]: 11}
    flood(host)
    began = time.monotonic()
    wait_for(lambda: host.save() == before)
    # What went astray comes back, too.
    wait_for(lambda: MOVED["to"] not in destinations(host))
    assert time.monotonic() - began < QUICK


def test_only_flows_of_changed_forwards_are_forgotten(host):
    other = {"protocol": "udp", "port": "10005", "to": "192.168.122.130"}
    first, last = {**BRIDGE, "port": "10000-10004"}, {**BRIDGE, "port": "10006-10010"}
    forward(host, first, other, last)
    flows.forget_owed("j", host.run)
    flood(host, 1100)
    forward(host, {**first, "to": "192.168.122.121"}, other, last)
    assert flows.forget_owed("j", host.run) == ("500 UDP flow(s) to earlier targets were deleted",)
    assert destinations(host) == {"192.168.122.120": 500, "192.168.122.130": 100}


def test_there_is_an_end_to_it(host, monkeypatch):
    monkeypatch.setattr(flows, "_SECONDS", 0.0001)
    flood(host, 1000)
    forward(host, BRIDGE)
    (note,) = flows.forget_owed("j", host.run)
    assert "were not enough to delete all UDP flows" in note
    assert destinations(host)


def test_what_a_run_that_was_killed_left_is_forgotten_by_the_next(host):
    flood(host, 100)
    forward(host, BRIDGE)
    assert not forward(host, BRIDGE)
    assert "100 UDP flow(s)" in flows.forget_owed("j", host.run)[0]
    assert destinations(host) == {}
