# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays take their variables from roles, because Ansible parses a file of ``vars_files`` again for each task."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

COLLECTION = Path(__file__).resolve().parents[3]
PLAYBOOKS = sorted(COLLECTION.glob("playbooks/*.yml"))
FILES = sorted(COLLECTION.glob("playbooks/roles/**/vars/**/*.yml"))


def names(path):
    return set(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.name)
def test_play_has_no_files_of_variables(path):
    plays = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [play["name"] for play in plays if "vars_files" in play] == []


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.name)
def test_variable_of_a_play_is_not_one_of_its_roles(path):
    """A role's variable would win, without a word."""
    plays = yaml.safe_load(path.read_text(encoding="utf-8"))
    of_roles = {name for file in FILES for name in names(file)}
    assert [name for play in plays for name in play.get("vars", {}) if name in of_roles] == []


def test_no_variable_is_defined_twice():
    found = [name for file in FILES for name in names(file)]
    assert len(found) > 100
    assert sorted({name for name in found if found.count(name) > 1}) == []
