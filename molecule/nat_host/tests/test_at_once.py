"""Two runs at once, and runs while libvirt rewrites its own rules."""

from __future__ import annotations

import json

import pytest
import rules
import runs
from packets import GOOD, answers, forwarded

GUESTS = {"left": "192.168.122.120", "right": "192.168.122.110"}


def many(guest, first):
    """Enough forwards that two runs overlap."""
    return [
        {"protocol": "tcp", "port": first + number, "to": GUESTS[guest], "to_port": 4443, "comment": guest}
        for number in range(50)
    ]


def at_once(*variables):
    """Run for both at once; both must succeed."""
    for run in [runs.finish(process) for process in [runs.start(**each) for each in variables]]:
        assert run.code == 0, run.output


@pytest.fixture(scope="module", autouse=True)
def tidy(nat_host):
    """Whatever the tests leave to these owners, in the end they have nothing; the scenario's own owner is beside them."""
    runs.ensure()
    yield
    at_once(*({"nat_host_name": name, "nat_host_state": "absent"} for name in GUESTS))
    assert not any("PF-left" in line or "PF-right" in line for line in rules.saved(nat_host))


def test_two_owners(client, nat_host):
    at_once(
        {"nat_host_name": "left", "nat_host_forwards": many("left", 5000)},
        {"nat_host_name": "right", "nat_host_forwards": many("right", 6000)},
    )
    heard = answers(client, "tcp 5000", "tcp 5049", "tcp 6000", "tcp 6049")
    assert [line.split()[0] for line in heard] == ["jitsi", "jitsi", "other", "other"]
    assert forwarded(client) == GOOD


def test_one_owner_asked_for_two_things(client, nat_host):
    """Either of them may win; a mixture may not."""
    at_once(*({"nat_host_name": "left", "nat_host_forwards": many(guest, 5000)} for guest in GUESTS))
    own = [line for line in rules.saved(nat_host) if "PF-left-" in line and "--comment" in line]
    winners = {guest for guest in GUESTS for line in own if f"--comment {guest}" in line}
    assert len(winners) == 1
    assert len([line for line in own if "-j DNAT" in line]) == 50
    (winner,) = winners
    remembered = json.loads(nat_host.check_output("cat /etc/port-forwards/left.json"))
    assert GUESTS[winner] in str(remembered)
    assert {GUESTS[guest] for guest in GUESTS if GUESTS[guest] in str(remembered)} == {GUESTS[winner]}
    before = rules.saved(nat_host)
    runs.put_back(nat_host)
    assert rules.saved(nat_host) == before


def test_while_libvirtd_restarts_over_and_over(client, nat_host):
    loop = (
        "while true; do systemctl reset-failed libvirtd.service; systemctl restart libvirtd.service; "
        "virsh --quiet net-list; done"
    )
    nat_host.run_expect([0], f"systemd-run --quiet --unit=restless sh -c '{loop}'")
    try:
        at_once(
            {"nat_host_name": "left", "nat_host_forwards": many("left", 5000)},
            {"nat_host_name": "right", "nat_host_forwards": many("right", 6000)},
        )
    finally:
        nat_host.run_expect([0], "systemctl stop restless")
    runs.restart_libvirt(nat_host)
    heard = answers(client, "tcp 5000", "tcp 5049", "tcp 6000", "tcp 6049")
    assert [line.split()[0] for line in heard] == ["jitsi", "jitsi", "other", "other"]
    assert forwarded(client) == GOOD
    assert not runs.role("--check", nat_host_name="left", nat_host_forwards=many("left", 5000)).changed
