# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""No filter and no module's option parsing ends in a traceback, whatever types it gets; `make fuzz` tries more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.filter.bridges import FilterModule as Bridges

FUZZ = Path(__file__).resolve().parents[1] / "tools" / "wrong_types.py"
CASES = 8000


def test_wrong_types_get_an_answer():
    done = subprocess.run([sys.executable, FUZZ, str(CASES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"===== wrong types: {CASES} cases" in done.stdout


def test_error_in_nested_data_names_the_filter_and_no_value():
    with pytest.raises(AnsibleFilterError, match="bridge_conflicts: a value has a wrong type") as error:
        Bridges().filters()["bridge_conflicts"]([{"name": "hidden", "port": 1, "mappings": 5, "rooms": []}])
    assert "hidden" not in str(error.value)
