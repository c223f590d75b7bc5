# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""`strategy = free` in ansible.cfg counts for plays that can do without the steps of all machines at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

COLLECTION = Path(__file__).resolve().parents[3]
PLAYBOOKS = sorted(COLLECTION.glob("playbooks/*.yml"))
#: With the strategy free each machine goes on for itself, whatever these say.
NEED_LINEAR = ("any_errors_fatal", "run_once")


def keys(tree):
    """The names of all values in a tree of YAML."""
    if isinstance(tree, dict):
        yield from tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from keys(part)


def loose(plays):
    """The plays in which one machine decides for all, and that leave the strategy to ansible.cfg."""
    return [
        play["name"]
        for play in plays
        if set(NEED_LINEAR) & set(keys(play)) and play.get("strategy") != "ansible.builtin.linear"
    ]


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.name)
def test_play_in_which_one_machine_decides_for_all_is_linear(path):
    assert loose(yaml.safe_load(path.read_text(encoding="utf-8"))) == []


def test_tasks_that_ask_one_machine_for_all_are_in_plays_alone():
    """A file of tasks would be out of sight of the test above."""
    files = [*COLLECTION.glob("playbooks/tasks/*.yml"), *COLLECTION.glob("roles/*/*/*.yml")]
    assert files
    found = [path.name for path in files if set(NEED_LINEAR) & set(keys(yaml.safe_load(path.read_text("utf-8"))))]
    assert found == []


def test_loose_play_is_found():
    play = {"name": "Check it", "hosts": "all", "tasks": [{"block": [{"name": "Read it", "run_once": True}]}]}
    assert loose([play]) == ["Check it"]
    assert loose([{**play, "strategy": "ansible.builtin.linear"}]) == []
