"""State absent, and what check mode says of each run. This file comes first: it compares with the bare host."""

from __future__ import annotations

import shlex

import pytest
import runs
from machines import STATE
from packets import GOOD, forwarded
from rules import saved

pytestmark = pytest.mark.either_release

CHANGED = [*runs.FORWARDS[:2], {"protocol": "udp", "port": 10000, "to": "192.168.122.110", "comment": "moved"}]


COMMANDS = ("iptables", "iptables-save", "iptables-restore")


@pytest.fixture
def without_iptables(nat_host):
    """As if it had never been installed: others on this host need the package."""
    places = " ".join(f"/usr/sbin/{command}" for command in COMMANDS)
    nat_host.run_expect([0], f"mkdir /root/hidden && mv {places} /root/hidden")
    yield
    nat_host.run_expect([0], "mv /root/hidden/* /usr/sbin && rmdir /root/hidden")


def predicted(**variables):
    """Check, then run: both must show the same differences, and the check must leave everything as it was."""
    host = variables.pop("host")
    before = saved(host)
    check = runs.role("--check", "--diff", **variables)
    assert saved(host) == before
    run = runs.role("--diff", **variables)
    assert check.diff == run.diff
    assert check.changed
    return run


def test_check_predicts_a_change(nat_host):
    assert "moved" in str(predicted(host=nat_host, nat_host_forwards=CHANGED).diff)


def test_absent_leaves_the_host_as_it_was(nat_host):
    assert "PF-jitsi-DNAT" in str(predicted(host=nat_host, nat_host_state="absent").diff)
    script = (runs.SCENARIO / "files" / "snapshot.sh").read_text()
    now = nat_host.check_output(f"sh -c {shlex.quote(script)}").splitlines()
    before = (STATE / "nat_host.bare").read_text().splitlines()
    assert len(before) > 500
    assert now == before


def test_absent_again_changes_nothing():
    assert not runs.role(nat_host_state="absent").changed


@pytest.mark.usefixtures("without_iptables")
def test_check_before_iptables_is_installed_says_what_would_come():
    check = runs.role("--check", "--diff")
    assert "iptables is not installed yet" in check.said
    assert "PF-jitsi-DNAT" in str(check.diff)


@pytest.mark.usefixtures("without_iptables")
def test_absent_needs_no_iptables():
    assert not runs.role("--check", nat_host_state="absent").changed
    assert not runs.role(nat_host_state="absent").changed


def test_check_predicts_the_first_run(nat_host, client):
    assert "PF-jitsi-DNAT" in str(predicted(host=nat_host).diff)
    assert forwarded(client) == GOOD


def test_second_run_changes_nothing():
    again = runs.role("--diff")
    assert not again.changed
    assert not again.diff
