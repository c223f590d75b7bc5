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


@pytest.fixture
def play_here(tmp_path):
    """Runs tasks on this machine: ``play_here(tasks, *options, **environment)`` gives the process when it has ended.

    ``prefix`` are words before the command.
    """

    def run(tasks, *options, variables=None, interpreter=sys.executable, prefix=(), **environment):
        playbook = tmp_path / "playbook.yml"
        play = {"name": "Play here", "hosts": "localhost", "gather_facts": False, "vars": variables or {}}
        playbook.write_text(yaml.safe_dump([{**play, "tasks": tasks}], sort_keys=False))
        command = ["ansible-playbook", "--inventory", "localhost,", "--connection", "local", str(playbook), *options]
        settings = {"NO_COLOR": "1", "ANSIBLE_FORCE_COLOR": "false", "ANSIBLE_PYTHON_INTERPRETER": str(interpreter)}
        return subprocess.run(
            [*prefix, *command],
            env={**os.environ, **settings, **environment},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def machine(tmp_path):
    """A machine to break, whose files are this one's."""
    with throwaway(tmp_path) as made:
        yield made
