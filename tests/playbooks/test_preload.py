# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks find the filters and tests of the collection in their process, and do not compile them again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
COLLECTION = "ansible_collections.selfhosted.jitsi.plugins"
LISTS_MODULES = """
import sys
class FilterModule:
    def filters(self):
        return {"modules_of_process": lambda _value: sorted(sys.modules)}
"""
LOCALHOST = {"gather_facts": False, "connection": "local"}
SHOW = {"ansible.builtin.copy": {"dest": "{{ answer }}", "content": "{{ 0 | modules_of_process | to_json }}"}}
IN_HOSTS = "{{ ['all'] | selfhosted.jitsi.present_groups(groups) }}"
PREFLIGHT = {"selfhosted.jitsi.role_preflight": {"role": "nat_host", "values": {}}, "when": False}


def modules_of_a_task(folder, hosts, *before):
    """The modules that are in the process of a task, before it has used a plugin of the collection."""
    (folder / "filter_plugins").mkdir()
    (folder / "filter_plugins" / "lists_modules.py").write_text(LISTS_MODULES)
    playbook, answer = folder / "playbook.yml", folder / "answer.json"
    playbook.write_text(yaml.safe_dump([{"hosts": hosts, **LOCALHOST, "tasks": [*before, SHOW]}]))
    command = ["ansible-playbook", "--inventory", "localhost,", "--extra-vars", f"answer={answer}", str(playbook)]
    environment = {**os.environ, "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return set(yaml.safe_load(answer.read_text()))


def code_of_plugins():
    """The files of filters and tests, and their code."""
    named = {f"{kind}.{path.stem}" for kind in ("filter", "test") for path in (PLUGINS / kind).glob("*.py")}
    code = {f"plugin_utils._jinja.{path.stem}" for path in (PLUGINS / "plugin_utils" / "_jinja").glob("[a-z]*.py")}
    return {f"{COLLECTION}.{name}" for name in named | code}


@pytest.mark.parametrize(
    ("hosts", "before"), [(IN_HOSTS, []), ("all", [PREFLIGHT])], ids=["hosts of the play", "action plugin"]
)
def test_task_finds_all_plugins_in_its_process(tmp_path, hosts, before):
    missing = code_of_plugins() - modules_of_a_task(tmp_path, hosts, *before)
    assert missing <= {f"{COLLECTION}.plugin_utils._jinja.inventory"}


def test_without_either_there_are_none(tmp_path):
    assert not code_of_plugins() & modules_of_a_task(tmp_path, "all")
