"""Two runs at once, and runs while libvirt rewrites its own rules."""

from __future__ import annotations

import json

import pytest
import rules
import runs
from machines import eventually
from packets import GOOD, answers, forwarded

pytestmark = pytest.mark.either_release

LOCK = "/run/port-forwards/lock"
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
    """Whatever the tests leave to these owners, in the end they have nothing."""
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


def test_two_runs_that_waited_for_the_same_lock(nat_host):
    """The second may decide only when the first has been confirmed; it would take what the first left for good."""
    nat_host.run_expect([0], f"systemd-run --quiet --unit=holder flock {LOCK} sleep infinity")
    try:
        asked = [{"nat_host_name": "left", "nat_host_forwards": many(guest, 5100)} for guest in GUESTS]
        processes = [runs.start(**each) for each in asked]
        waiting = f"find /proc/[0-9]*/fd -lname {LOCK} | cut -d/ -f3 | sort -u | wc -l"
        # The holder's two processes, and the modules of the two runs.
        assert eventually(lambda: int(nat_host.run(waiting).stdout) == 4, 120)
    finally:
        nat_host.run_expect([0], "systemctl stop holder")
    for run in [runs.finish(process) for process in processes]:
        assert run.code == 0, run.output


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
