# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever reads words of programs has them speak English: all modules, and all tasks of roles and playbooks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

COLLECTION = Path(__file__).resolve().parents[3]
COMMANDS = {"ansible.builtin.command", "ansible.builtin.shell"}
SOURCES = sorted((COLLECTION / "plugins").rglob("*.py"))
TASK_FILES = sorted(
    path
    for pattern in ("roles/*/tasks/*.yml", "roles/*/handlers/*.yml", "playbooks/*.yml", "playbooks/tasks/*.yml")
    for path in COLLECTION.glob(pattern)
)
#: The validator of a user reads the file in the encoding of the machine, and nothing reads its words.
VALIDATES = COLLECTION / "plugins/module_utils/_shell/editing/module.py"
#: Where processes are started without AnsibleModule, in English.
RUNNER = "plugins/module_utils/_shell/commands.py"


def speechless(source):
    """The lines of a Python source that run a program in the language of the machine."""
    found = []
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        told = {word.arg for word in call.keywords}
        of_module = isinstance(call.func, ast.Attribute) and name == "run_command" and "environ_update" not in told
        of_python = name in ("Popen", "check_output", "check_call", "getoutput", "system", "popen")
        if of_module or of_python or (_is_subprocess(call.func) and "env" not in told):
            found.append(call.lineno)
    return found


def _is_subprocess(function):
    of = function.value if isinstance(function, ast.Attribute) else None
    return isinstance(of, ast.Name) and of.id == "subprocess"


def silent(tasks, inherited=None):
    """The names of tasks that read what a command says, in the language of the machine."""
    found = []
    for task in tasks:
        environment = {**(inherited or {}), **_literal(task.get("environment"))}
        if COMMANDS & set(task) and "register" in task and environment.get("LC_ALL") != "C":
            found.append(task.get("name"))
        for part in ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"):
            found += silent(task.get(part) or [], environment)
    return found


def _literal(environment):
    return environment if isinstance(environment, dict) else {}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_modules_read_english(path):
    assert len(speechless(path.read_text(encoding="utf-8"))) == (1 if path == VALIDATES else 0)


@pytest.mark.parametrize("path", TASK_FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_tasks_read_english(path):
    assert silent(yaml.safe_load(path.read_text(encoding="utf-8")) or []) == []


def test_runner_of_all_modules_speaks_english():
    assert '"LC_ALL": "C"' in (COLLECTION / RUNNER).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "source",
    ["module.run_command(['dpkg'])", "subprocess.run(['dpkg'])", "subprocess.Popen(['dpkg'], env=E)", "os.system('x')"],
)
def test_what_speaks_the_language_of_the_machine_is_found(source):
    assert speechless(source) == [1]


@pytest.mark.parametrize("environment", [{}, {"environment": {"LANG": "C"}}, {"environment": "{{ words }}"}])
def test_task_in_the_language_of_the_machine_is_found(environment):
    task = {"name": "Ask", "ansible.builtin.command": "dpkg", "register": "said", **environment}
    assert silent([{"block": [task]}]) == ["Ask"]


def test_environment_of_a_block_counts():
    task = {"name": "Ask", "ansible.builtin.command": "dpkg", "register": "said"}
    assert silent([{"block": [task], "environment": {"LC_ALL": "C"}}]) == []
