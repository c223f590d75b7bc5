# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The editors run where the machine has no newer Python than 3.8."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PLUGINS = CHECKOUT / "plugins"
TARGET_SIDE = sorted(path for folder in ("modules", "module_utils") for path in (PLUGINS / folder).rglob("*.py"))
SHOWN = "import sys; print(sys.executable) if sys.version_info[:2] == (3, 8) else sys.exit(1)"

EDITORS = {
    "java_properties": ("#a=0\nb : old\n", {"key": "a", "value": "é"}, "b : new\n", {"key": "b", "value": "new"}),
    "hocon": ("a { c = 1 }\n", {"key": "a.b", "value": [1, {"x": None}]}, "c = 2", {"key": "a.c", "value": 2}),
    "config_js": ("var config = {};\n", {"key": "a.b", "value": "é"}, "config.c = true;", {"key": "c", "value": True}),
}


def candidates():
    """Commands that may be Python 3.8: what the PATH has, and what pyenv keeps."""
    yield shutil.which("python3.8")
    roots = [os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv"]
    if shutil.which("pyenv"):
        roots.append(subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False).stdout.strip())
    for root in filter(None, roots):
        yield from sorted(Path(root).glob("versions/3.8*/bin/python3.8"))


@pytest.fixture(scope="module")
def python38():
    for candidate in filter(None, candidates()):
        done = subprocess.run([str(candidate), "-c", SHOWN], capture_output=True, text=True, check=False)
        # What pyenv puts on the PATH works only where that version is chosen.
        if done.returncode == 0:
            return done.stdout.strip()
    pytest.skip("there is no Python 3.8 on the PATH or in pyenv; install one")


@pytest.mark.parametrize("path", TARGET_SIDE, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_code_for_targets_has_the_syntax_of_python_38(path):
    ast.parse(path.read_text(), filename=str(path), feature_version=(3, 8))


@pytest.mark.parametrize("editor", EDITORS)
def test_the_editor_runs_with_python_38(play_here, python38, tmp_path, editor):
    text, first, expected, second = EDITORS[editor]
    made, there = tmp_path / "made", tmp_path / "there"
    there.write_text(text)
    tasks = [
        {"ansible.builtin.setup": {"gather_subset": ["!all", "!min", "python"]}},
        {"ansible.builtin.assert": {"that": "ansible_facts.python.version.minor == 8"}},
        *steps(editor, {"path": str(made), "create": True, "mode": "0640", "settings": [first]}),
        *steps(editor, {"path": str(there), "backup": True, "settings": [first, second]}),
    ]
    done = play_here(tasks, "--diff", interpreter=python38)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "changed=2" in done.stdout
    assert made.stat().st_mode & 0o777 == 0o640
    assert "a" in made.read_text()
    assert expected in there.read_text()


def steps(editor, options):
    """Once in check mode, once for real, and once more to see that nothing changes."""
    task = {f"selfhosted.jitsi.{editor}": options, "register": "result"}
    yield from ({**task, "check_mode": True, "changed_when": False}, task)
    yield from (task, {"ansible.builtin.assert": {"that": "not result.changed"}})
