"""What the services of the Jitsi machine may use, as the kernel, nginx and Java's command line say it."""

from __future__ import annotations

import re

import pytest
from machines import repository

#: In MiB; the lab's inventory says so.
HEAPS = {"jvb": 136, "jicofo": 72} if repository()["stand_ins"] else {"jvb": 3072, "jicofo": 3072}


def open_files(jitsi, pid):
    """How many files a process may open, and how many it may ask for."""
    limits = jitsi.check_output(f"cat /proc/{pid}/limits")
    return tuple(map(int, re.search(r"^Max open files +(\d+) +(\d+)", limits, re.MULTILINE).groups()))


@pytest.mark.parametrize("unit", ["nginx", "prosody"])
def test_services_may_open_more_files_than_a_hundred_people_need(jitsi, unit):
    """And none has lost what it could ask for itself before. More than the machine's own limit nobody has."""
    ceiling = open_files(jitsi, 1)[1]
    main = jitsi.check_output(f"systemctl show --property MainPID --value {unit}")
    for pid in (main, *jitsi.run(f"pgrep --parent {main}").stdout.split()):
        assert open_files(jitsi, pid) == (min(65000, ceiling), min(524288, ceiling)), pid


def test_nginx_holds_more_connections_than_a_hundred_people_need(jitsi):
    said = jitsi.run("nginx -T")
    assert said.rc == 0, said.stderr
    assert re.findall(r"^\s*worker_connections (\d+);", said.stdout, re.MULTILINE) == ["4096"]


@pytest.mark.parametrize("account", sorted(HEAPS))
def test_java_has_the_heap_of_the_inventory(jitsi, account):
    commands = jitsi.check_output(f"ps --user {account} --format args=").splitlines()
    (java,) = [command for command in commands if command.startswith("java ")]
    assert re.findall(r"-Xmx(\w+)", java) == [f"{HEAPS[account]}m"]
