# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays on this machine, as a user starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from throwaway import throwaway

CHECKOUT = Path(__file__).resolve().parents[2]


def _player(folder):
    """Runs tasks on this machine: ``play(tasks, *options, **environment)`` gives the process when it has ended.

    ``prefix`` are words before the command. With several ``hosts`` the tasks run on one after the other.
    """

    def play(
        tasks, *options, variables=None, interpreter=sys.executable, prefix=(), hosts=("localhost",), **environment
    ):
        playbook = folder / "playbook.yml"
        here = {"name": "Play here", "hosts": list(hosts), "serial": 1, "gather_facts": False, "vars": variables or {}}
        playbook.write_text(yaml.safe_dump([{**here, "tasks": tasks}], sort_keys=False))
        inventory = "".join(f"{host}," for host in hosts)
        command = ["ansible-playbook", "--inventory", inventory, "--connection", "local", str(playbook), *options]
        settings = {"NO_COLOR": "1", "ANSIBLE_FORCE_COLOR": "false", "ANSIBLE_PYTHON_INTERPRETER": str(interpreter)}
        return subprocess.run(
            [*prefix, *command],
            env={**os.environ, **settings, **environment},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )

    return play


@pytest.fixture
def play_here(tmp_path):
    """What `_player` makes, in a folder of the test."""
    return _player(tmp_path)


@pytest.fixture(scope="module")
def play_once(tmp_path_factory):
    """The same for a run that several tests look at."""
    return _player(tmp_path_factory.mktemp("play"))


@pytest.fixture
def machine(tmp_path):
    """A machine to break, whose files are this one's."""
    with throwaway(tmp_path) as made:
        yield made
