# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A part of the site that runs alone, by its tag."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(os.environ["JITSI_TREE"])
PLAYS = {
    "nat_host": {"Configure the port forwards"},
    "jitsi_meet": {"Assert that the machines are suitable", "Install Jitsi Meet"},
    "videobridge": {"Assert that the machines are suitable", "Install the further bridges"},
    "reverse_proxy": {"Assert that the proxy has a supported release", "Configure the reverse proxy"},
}
ALWAYS = {"Assert that the controller is new enough", "Assert that the inventory has the machines"}
ALWAYS |= {"Assert that the addresses are valid", "Assert that the forwards are valid"}
ALWAYS |= {
    f"Assert that the {whose} variables are valid" for whose in ("Jitsi machine's", "further bridges'", "proxy's")
}


def plays(*options):
    """The names of the site's plays that have tasks to run beside the validation of arguments."""
    command = ["ansible-playbook", "--inventory", "inventory/example", "--list-tasks", *options]
    command.append("selfhosted.jitsi.site")
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = {}
    for part in re.split(r"^  play #\d+ \([^)]*\): ", done.stdout, flags=re.MULTILINE)[1:]:
        name, _tags = part.split("\t", 1)
        found[name] = [line for line in part.splitlines() if line.startswith("      ")]
    return {name for name, tasks in found.items() if any("Validating arguments" not in task for task in tasks)}


@pytest.mark.parametrize("tag", PLAYS)
def test_tag_runs_its_part_and_the_preflight(tag):
    found = plays("--tags", tag)
    assert found == ALWAYS | {name for name in found if name in PLAYS[tag]}
    assert found & PLAYS[tag]


def test_tags_cover_the_site():
    assert plays() == ALWAYS.union(*(plays("--tags", tag) for tag in PLAYS))
