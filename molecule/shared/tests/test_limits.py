"""What the services of the Jitsi machine may use, as the kernel, nginx and Java's command line say it."""

from __future__ import annotations

import re

import pytest
from machines import repository

#: In MiB; the lab's inventory says so.
HEAPS = {"jvb": 136, "jicofo": 72} if repository()["stand_ins"] else {"jvb": 3072, "jicofo": 3072}


@pytest.mark.parametrize("unit", ["nginx", "prosody"])
def test_services_may_open_more_files_than_a_hundred_people_need(jitsi, unit):
    """All processes of a service, and none has lost what it could ask for itself before."""
    pids = jitsi.check_output(f"cat /sys/fs/cgroup/system.slice/{unit}.service/cgroup.procs").split()
    assert pids
    for pid in pids:
        limits = jitsi.check_output(f"cat /proc/{pid}/limits")
        soft, hard = re.search(r"^Max open files +(\d+) +(\d+)", limits, re.MULTILINE).groups()
        assert (soft, int(hard) > 65000) == ("65000", True), pid


def test_nginx_holds_more_connections_than_a_hundred_people_need(jitsi):
    said = jitsi.run("nginx -T")
    assert said.rc == 0, said.stderr
    assert re.findall(r"^\s*worker_connections (\d+);", said.stdout, re.MULTILINE) == ["4096"]


@pytest.mark.parametrize("account", sorted(HEAPS))
def test_java_has_the_heap_of_the_inventory(jitsi, account):
    commands = jitsi.check_output(f"ps --user {account} --format args=").splitlines()
    (java,) = [command for command in commands if command.startswith("java ")]
    assert re.findall(r"-Xmx(\w+)", java) == [f"{HEAPS[account]}m"]
