# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the action are those of its documentation, and its file is created once and whole."""

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.selfhosted.jitsi.plugins.action import site_inventory as action
from ansible_collections.selfhosted.jitsi.plugins.modules import site_inventory


def test_documented_options_are_those_of_the_action():
    documented = yaml.safe_load(site_inventory.DOCUMENTATION)["options"]
    assert {
        name: {key: option[key] for key in option if key != "description"} for name, option in documented.items()
    } == action.OPTIONS


def test_file_is_for_its_user_alone(tmp_path):
    action._write(f"{tmp_path}/made.yml", "text\n")
    (made,) = tmp_path.iterdir()
    assert (made.read_text(), made.stat().st_mode & 0o777) == ("text\n", 0o600)


def test_file_that_somebody_has_written_meanwhile_stays(tmp_path):
    (tmp_path / "made.yml").write_text("mine\n")
    with pytest.raises(AnsibleActionFail, match=r"made\.yml exists already, and is not replaced"):
        action._write(f"{tmp_path}/made.yml", "text\n")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("made.yml", "mine\n")]


def test_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(AnsibleActionFail, match=r"Cannot write .*/no/made\.yml: No such file or directory"):
        action._write(f"{tmp_path}/no/made.yml", "text\n")


@pytest.mark.parametrize("facts", [{}, {"vm": {}}, {"vm": {"adopt_found": {"failed": True}}}])
def test_machine_that_was_not_read_is_named(facts):
    with pytest.raises(AnsibleActionFail, match="vm was not read; add it to --limit"):
        action._seen("vm", facts)
