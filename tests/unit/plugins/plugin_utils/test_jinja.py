# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.entry import HERE, TABLES

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"
#: The folder of ansible_collections, which ansible-test hands to its own process alone.
ROOT = Path(__file__).resolve().parents[7]
ENTRIES = {"filter": ("FilterModule", "filters"), "test": ("TestModule", "tests")}
FILES = [(kind, path.stem) for kind in ENTRIES for path in sorted((PLUGINS / kind).glob("*.py"))]
COLLECTION = "ansible_collections.selfhosted.jitsi.plugins"


@pytest.mark.parametrize(("kind", "file"), FILES)
def test_each_file_names_exactly_the_plugins_of_its_code(kind, file):
    entry, method = ENTRIES[kind]
    named = getattr(getattr(import_module(f"{COLLECTION}.{kind}.{file}"), entry)(), method)()
    assert set(named) == set(getattr(import_module(f"{HERE}.{file}"), TABLES[kind]))


def test_no_code_is_without_a_file_that_names_it():
    assert {path.stem for path in (PLUGINS / "plugin_utils" / "_jinja").glob("[a-z]*.py")} == {
        "entry",
        *(file for _kind, file in FILES),
    }


@pytest.mark.parametrize(("kind", "file"), FILES)
def test_naming_a_plugin_imports_no_code(kind, file):
    entry, method = ENTRIES[kind]
    program = (
        "import sys\n"
        f"from {COLLECTION}.{kind}.{file} import {entry}\n"
        f"{entry}().{method}()\n"
        f"print([name for name in sys.modules if name.startswith('{HERE}.') or name.startswith('netaddr')])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"['{HERE}.entry']"
