"""Rules that cut off whoever made them are put back by the host itself."""

from __future__ import annotations

import os
import re
import signal
import subprocess

import pytest
import rules
import runs
from machines import STATE, eventually
from packets import GOOD, forwarded

pytestmark = pytest.mark.either_release

SECONDS = 6
#: The way that Ansible takes leads to a guest, which has another host key.
CUT = [{"protocol": "tcp", "port": 22, "to": "192.168.122.120"}]
HARMLESS = [{"protocol": "tcp", "port": 2222, "to": "192.168.122.120", "to_port": 22}]


def ssh_works():
    """Whether a new connection reaches the host, in the way that Ansible takes."""
    words = ["ssh", "-F", str(STATE / "ssh_config"), "-o", "ControlPath=none", "-o", "ConnectTimeout=2"]
    done = subprocess.run(
        [*words, "jitsi-lab-host", "true"], capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    return done.returncode == 0


@pytest.fixture
def owner(nat_host):
    """The variables of an owner whose forwards are on the address that Ansible uses."""
    address = re.search(r"inet ([\d.]+)/", nat_host.check_output("ip -4 -oneline address show eth0")).group(1)
    variables = {
        "nat_host_name": "cut",
        "nat_host_public_address": address,
        "nat_host_allow_ssh": True,
        "nat_host_rollback": SECONDS,
    }
    yield variables
    assert eventually(ssh_works)
    runs.role(**variables, nat_host_forwards=[], nat_host_state="absent")


def files(host):
    return host.check_output("find /etc/port-forwards -type f -exec sha256sum {} + | sort")


def test_cut_off_is_put_back_and_the_task_says_so(client, nat_host, owner):
    before = (rules.saved(nat_host), files(nat_host))
    run = runs.start(**owner, nat_host_forwards=CUT)
    assert eventually(lambda: not ssh_works()), "nothing was cut off, so nothing is proved"
    run = runs.finish(run)
    assert run.code != 0
    assert re.search(r"restor(ed|ing) the earlier rules", run.said), run.output
    assert eventually(ssh_works, SECONDS + 5)
    assert (rules.saved(nat_host), files(nat_host)) == before
    assert forwarded(client) == GOOD


def test_cut_off_is_put_back_when_the_run_is_killed(client, nat_host, owner):
    runs.role(**owner, nat_host_forwards=HARMLESS)
    before = (rules.saved(nat_host), files(nat_host))
    run = runs.start(**owner, nat_host_forwards=CUT)
    assert eventually(lambda: not ssh_works()), "nothing was cut off, so nothing is proved"
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert not ssh_works(), "it was put back before the run was killed"
    assert eventually(ssh_works, SECONDS + 5)
    runs.settle(nat_host)
    assert eventually(lambda: (rules.saved(nat_host), files(nat_host)) == before, 5)
    assert forwarded(client) == GOOD


def test_rules_that_were_confirmed_stay(nat_host, owner):
    runs.role(**owner, nat_host_forwards=HARMLESS)
    after = rules.saved(nat_host)
    # Longer than the host would have waited: nothing is left that could put anything back.
    assert not eventually(lambda: rules.saved(nat_host) != after, SECONDS + 2)
    assert not nat_host.run("systemctl list-timers --all --no-legend | grep -i port-forwards").stdout


def test_address_of_another_machine_is_refused(nat_host):
    before = (rules.saved(nat_host), files(nat_host))
    run = runs.finish(runs.start(nat_host_name="typo", nat_host_public_address="198.51.100.11"))
    assert run.code != 0
    assert "198.51.100.11" in run.said
    assert (rules.saved(nat_host), files(nat_host)) == before


def test_address_of_another_machine_can_be_meant(nat_host):
    """Behind a router that forwards everything, or with an address that moves between hosts."""
    variables = {"nat_host_name": "typo", "nat_host_public_address": "198.51.100.11"}
    runs.role(**variables, nat_host_public_address_elsewhere=True)
    assert any("-d 198.51.100.11/32" in line for line in rules.saved(nat_host))
    runs.role(**variables, nat_host_state="absent")
