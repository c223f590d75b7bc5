# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each role's README says what its argument specs say, and its example has arguments that the role accepts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

CHECKOUT = Path(__file__).resolve().parents[2]
TOOL = CHECKOUT / "tests" / "tools" / "role_readmes.py"
#: The other roles include this one, and users do not.
SHARED = "common"
ROLES = sorted(path.name for path in (CHECKOUT / "roles").iterdir() if path.name != SHARED)


def test_every_readme_is_in_step_with_its_role():
    done = subprocess.run([sys.executable, TOOL, "check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (CHECKOUT / "roles" / SHARED / "README.md").exists()


@pytest.mark.parametrize("role", ROLES)
def test_example_of_a_readme_has_arguments_that_the_role_accepts(role):
    meta = CHECKOUT / "roles" / role / "meta"
    (play,) = yaml.safe_load((meta / "example.yml").read_text())
    (entry,) = play["roles"]
    options = yaml.safe_load((meta / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    assert entry["role"] == f"selfhosted.jitsi.{role}"
    assert ArgumentSpecValidator(options).validate(entry["vars"]).error_messages == []
    assert (CHECKOUT / "roles" / role / "README.md").exists()
