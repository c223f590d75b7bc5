# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example in the documentation of modules, filters and tests is run, or at least judged where it needs a lab."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import examples
import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js.block import path_of
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.text import parse_path
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.hocon import from_hocon
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.properties import from_properties

MODULES = examples.of_modules()
PLUGINS = {kind: examples.of_plugins(kind) for kind in ("filter", "test")}
EDITORS = ["config_js", "hocon", "java_properties"]
NEED_NO_LAB = ["release_preflight", "role_preflight"]
NEED_A_LAB = [
    "acme_certificates",
    "apache_sites",
    "apache_workers",
    "batch_info",
    "bridge_config_info",
    "bridge_log_info",
    "condition_info",
    "datagram_info",
    "existing_site_info",
    "java_trust_info",
    "machine_info",
    "outside_hosts_info",
    "package_holds",
    "packet_path_info",
    "port_forwards",
    "probe_info",
    "prosody_accounts",
    "prosody_leftovers_info",
    "prosody_service_accounts",
    "repository_keyring",
    "service_health",
    "site_inventory",
    "site_verdict",
    "stale_service_info",
    "turn_credentials_info",
    "unit_limits",
]
COLLECTION = "ansible_collections.selfhosted.jitsi.plugins"

VHOST = """<VirtualHost *:443>
    ServerName jitsi.example.org
    ProxyPreserveHost On
    SSLProxyVerify require
    ProxyPass / https://192.168.122.120/
</VirtualHost>
"""
#: The variables that examples name, beside those of the example inventory.
VARIABLES = {
    # Whatever release this machine has.
    "my_allow_untested_release": True,
    "vhost": VHOST,
    "bridge": {"status": {"ExecMainStartTimestamp": "Thu 2026-10-01 12:00:00 UTC"}},
    "shown": {"stdout": "Package: jitsi-meet\nVersion: 2.0.11146-1\nDepends: jicofo (= 1.0-1190-1)\n"},
    "log": {"stdout_lines": ["JVB 2026-10-01 12:00:01 X(face=192.168.122.120:9/udp, mask=198.51.100.10:9/udp)"]},
}
EVALUATE = """
const box = require("vm").createContext({});
require("vm").runInContext(require("fs").readFileSync(process.argv[1], "utf8"), box);
console.log(JSON.stringify(box.config));
"""


def test_every_module_filter_and_test_has_examples_that_are_covered_here():
    assert set(MODULES) == {*EDITORS, *NEED_NO_LAB, *NEED_A_LAB}, (
        "say in this file how the examples of each module are tested"
    )
    for kind, entry in (("filter", "FilterModule"), ("test", "TestModule")):
        names = set()
        for path in (examples.PLUGINS / kind).glob("*.py"):
            plugin = getattr(importlib.import_module(f"{COLLECTION}.{kind}.{path.stem}"), entry)()
            names.update(getattr(plugin, f"{kind}s")())
        assert names == set(PLUGINS[kind]), "a file of documentation is missing or left over"
    for group in (MODULES, *PLUGINS.values()):
        for name, tasks in group.items():
            assert f"selfhosted.jitsi.{name}" in json.dumps(tasks), "the examples do not use what they explain"


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "root"
    examples.write_seeds(folder)
    return folder


@pytest.fixture
def play_twice(play_here):
    """Runs tasks, and again to see that nothing changes; gives how much the first time changed."""

    def run(tasks):
        facts = yaml.safe_load((examples.CHECKOUT / "inventory/example/group_vars/all.yml").read_text())
        done = play_here(tasks, variables={**facts, **VARIABLES}, hosts=("first", "again"))
        hint = "if a variable is undefined, add it to VARIABLES of this test\n"
        assert done.returncode == 0, hint + done.stdout + done.stderr
        changes = {host: int(count) for host, count in re.findall(r"^(\S+) +: .*changed=(\d+)", done.stdout, re.M)}
        assert changes["again"] == 0
        return changes["first"]

    return run


def settings_of(editor, tasks):
    """The settings in the examples of an editor, with the path of each; the last one of a key counts."""
    options = [task[f"selfhosted.jitsi.{editor}"] for task in tasks if f"selfhosted.jitsi.{editor}" in task]
    settings = [(option["path"], setting) for option in options for setting in option["settings"]]
    return {(path, setting["key"]): setting for path, setting in settings}


def look_up(data, elements):
    for element in elements:
        if not isinstance(data, dict) or element not in data:
            return KeyError
        data = data[element]
    return data


def found_in(editor, file, key):
    """What the program will read in a file, and KeyError where that is nothing."""
    if editor == "java_properties":
        return look_up(from_properties(file.read_text()), [key])
    if editor == "hocon":
        return look_up(from_hocon(file.read_text()), parse_path(key))
    done = subprocess.run(["node", "-e", EVALUATE, str(file)], capture_output=True, text=True, check=True)
    return look_up(json.loads(done.stdout), path_of(key, "settings"))


def assert_settings(editor, root, tasks):
    settings = settings_of(editor, tasks)
    assert settings
    for (path, key), setting in settings.items():
        found = found_in(editor, Path(f"{root}{path}"), key)
        if setting.get("state", "present") != "present":
            assert found is KeyError, (key, found)
            continue
        value = str(setting["value"]) if editor == "java_properties" else setting["value"]
        assert json.dumps(found) == json.dumps(value), key


@pytest.mark.parametrize("editor", EDITORS)
def test_examples_of_editors_do_what_they_say_and_only_once(play_twice, root, editor):
    if editor == "config_js" and shutil.which("node") is None:
        pytest.skip("node is not installed, which an example calls; install nodejs")
    tasks = MODULES[editor]
    # Each task changes what the packages left.
    assert play_twice(examples.moved(tasks, root, f"selfhosted.jitsi.{editor}")) == len(tasks)
    assert_settings(editor, root, tasks)


CREATING = {
    editor: [task for task in MODULES[editor] if task.get(f"selfhosted.jitsi.{editor}", {}).get("create")]
    for editor in EDITORS
}


@pytest.mark.parametrize("editor", [editor for editor in EDITORS if CREATING[editor]])
def test_examples_that_create_files_do_so(play_twice, root, editor):
    tasks = CREATING[editor]
    for path, _key in settings_of(editor, tasks):
        Path(f"{root}{path}").unlink(missing_ok=True)
    assert play_twice(examples.moved(tasks, root, f"selfhosted.jitsi.{editor}")) == len(tasks)
    assert_settings(editor, root, tasks)


@pytest.mark.parametrize("kind", PLUGINS)
def test_examples_of_filters_and_tests_run(play_twice, root, kind):
    tasks = [task for tasks in PLUGINS[kind].values() for task in tasks]
    play_twice(examples.moved(tasks, root))
    for task in tasks:
        if "ansible.builtin.copy" in task:
            written = Path(f"{root}{task['ansible.builtin.copy']['dest']}").read_text()
            expected = task["vars"]["properties"].items()
            assert from_properties(written) == {key: str(value) for key, value in expected}


@pytest.mark.parametrize("module", NEED_NO_LAB)
def test_examples_that_need_no_lab_run(play_here, module):
    done = play_here(MODULES[module])
    assert done.returncode == 0, done.stdout + done.stderr


class Declared(Exception):
    """Carries what a module tells AnsibleModule."""


def declared_by(name, monkeypatch):
    def declare(self, argument_spec, **more):
        raise Declared(argument_spec, more)

    module = importlib.import_module(f"{COLLECTION}.modules.{name}")
    if not hasattr(module, "main"):
        return ArgumentSpecValidator(importlib.import_module(f"{COLLECTION}.action.{name}").OPTIONS)
    monkeypatch.setattr(basic.AnsibleModule, "__init__", declare)
    with pytest.raises(Declared) as declared:
        module.main()
    specification, more = declared.value.args
    rules = ("mutually_exclusive", "required_together", "required_one_of", "required_if", "required_by")
    return ArgumentSpecValidator(specification, **{rule: more[rule] for rule in rules if rule in more})


def test_examples_that_need_a_lab_have_right_syntax_but_are_not_run(play_here):
    done = play_here([task for module in NEED_A_LAB for task in MODULES[module]], "--syntax-check")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", NEED_A_LAB)
def test_examples_that_need_a_lab_have_right_arguments_but_are_not_run(monkeypatch, module):
    calls = [(name, task[name]) for task in MODULES[module] for name in task if name.startswith("selfhosted.jitsi.")]
    assert f"selfhosted.jitsi.{module}" in [name for name, _options in calls]
    for name, options in calls:
        with monkeypatch.context() as patch:
            validator = declared_by(name.rpartition(".")[2], patch)
        assert validator.validate(options).error_messages == []
