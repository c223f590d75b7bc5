# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text in place of booleans, numbers and lists, as -e and INI inventories give it, has its meaning in every role."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment, nodes

CHECKOUT = Path(__file__).resolve().parents[2]
#: The role common gets its arguments from these, which have converted them.
ROLES = sorted(path.name for path in (CHECKOUT / "roles").iterdir() if (path / "tasks" / "preflight.yml").exists())
FALSE = ("false", "no", "0")
TRUE = ("true", "y")
#: With these the preflights pass whatever else is asked for.
RIGHT = {
    "jitsi_meet_fqdn": "jitsi.example.org",
    "jitsi_meet_local_address": "192.168.122.120",
    "jitsi_meet_public_addresses": "198.51.100.10",
    "nat_host_public_address": "198.51.100.10",
    "videobridge_fqdn": "jitsi.example.org",
    "videobridge_local_address": "192.168.122.121",
    "videobridge_public_addresses": "198.51.100.10,198.51.100.11",
    "videobridge_jitsi_machine": "machine",
    "videobridge_xmpp_address": "192.168.122.120",
}
#: Numbers that suit every argument with one.
NUMBER = "90"


def options(role):
    """The arguments of a role that text can imitate: name and type."""
    text = (CHECKOUT / "roles" / role / "meta" / "argument_specs.yml").read_text()
    for name, spec in yaml.safe_load(text)["argument_specs"]["main"]["options"].items():
        if spec["type"] in ("bool", "int", "float") or (spec["type"] == "list" and spec.get("elements") != "dict"):
            yield name, spec["type"]


def of_type(kind):
    return [name for role in ROLES for name, is_a in options(role) if is_a == kind]


def seen(folder, hosts, *arguments):
    """What the roles make of the arguments of each host, by host and name, after their own preflights."""
    names = [name for role in ROLES for name, _kind in options(role)]
    preflights = [
        {
            "ansible.builtin.include_role": {
                "name": f"selfhosted.jitsi.{role}",
                "tasks_from": "preflight",
                "public": True,
            }
        }
        for role in ROLES
    ]
    keep = {"found": "{{ {" + ", ".join(f"'{name}': __{name}" for name in names) + "} }}"}
    # A module for each host and role would take most of the time.
    every = "dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'found')))"
    report = {"content": f"{{{{ {every} | to_json }}}}", "dest": f"{folder}/found.json", "mode": "0600"}
    tasks = [*preflights, {"ansible.builtin.set_fact": keep}, {"ansible.builtin.copy": report, "run_once": True}]
    (folder / "play.yml").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    (folder / "hosts.yml").write_text(json.dumps({"all": {"hosts": {"machine": {}, **hosts}}}))
    command = ["ansible-playbook", "--connection", "local", "--inventory", str(folder / "hosts.yml"), *arguments]
    done = subprocess.run(
        [*command, "--limit", ",".join(hosts), str(folder / "play.yml")],
        env={**os.environ, "NO_COLOR": "1", "ANSIBLE_PYTHON_INTERPRETER": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "found.json").read_text())


@pytest.fixture(scope="module")
def in_inventory(tmp_path_factory):
    """One host for each word: all its booleans are that word, and all its numbers are text."""
    words = {f"host{position}": word for position, word in enumerate((*FALSE, *TRUE))}
    hosts = {
        host: {
            **RIGHT,
            **dict.fromkeys(of_type("bool"), word),
            **dict.fromkeys(of_type("int"), NUMBER),
            # Both at once are refused, whatever the words.
            "jitsi_meet_turnserver": "no",
        }
        for host, word in words.items()
    }
    found = seen(tmp_path_factory.mktemp("words"), hosts)
    return {word: found[host] for host, word in words.items()}


@pytest.mark.parametrize("word", FALSE)
@pytest.mark.parametrize("name", of_type("bool"))
def test_word_for_false_is_false(in_inventory, name, word):
    assert in_inventory[word][name] is False


@pytest.mark.parametrize("word", TRUE)
@pytest.mark.parametrize("name", [name for name in of_type("bool") if name != "jitsi_meet_turnserver"])
def test_word_for_true_is_true(in_inventory, name, word):
    assert in_inventory[word][name] is True


@pytest.mark.parametrize("name", of_type("int"))
def test_number_in_text_is_a_number(in_inventory, name):
    assert in_inventory["no"][name] == int(NUMBER)


def test_list_in_text_is_a_list(in_inventory):
    assert in_inventory["no"]["videobridge_public_addresses"] == ["198.51.100.10", "198.51.100.11"]


def test_extra_variables_are_converted_although_they_win(tmp_path):
    said = {**RIGHT, "jitsi_meet_hold": "false", "jitsi_meet_coturn": "no", "jitsi_meet_health_seconds": "0"}
    words = [word for name, value in said.items() for word in ("-e", f"{name}={value}")]
    (found,) = seen(tmp_path, {"other": {}}, *words).values()
    assert found["jitsi_meet_hold"] is False
    assert found["jitsi_meet_coturn"] is False
    assert found["jitsi_meet_health_seconds"] == 0


def test_switched_off_by_text_installs_nothing(play_here):
    tasks = [
        {
            "ansible.builtin.include_role": {
                "name": "selfhosted.jitsi.jitsi_meet",
                "tasks_from": "preflight",
                "public": True,
            }
        },
        {"ansible.builtin.assert": {"that": "'jitsi-meet-turnserver' not in __jitsi_meet_packages"}},
    ]
    done = play_here(tasks, "-e", "jitsi_meet_turnserver=false", variables=RIGHT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_template_that_includes_another_gets_the_types(play_here, tmp_path):
    """Ansible's templates hand over lists that cannot be copied."""
    (tmp_path / "outer.j2").write_text("{% include 'inner.j2' %}")
    (tmp_path / "inner.j2").write_text("{% for server in __jitsi_meet_stun_servers %}{{ server }};{% endfor %}")
    role = {"name": "selfhosted.jitsi.jitsi_meet", "tasks_from": "preflight", "public": True}
    template = {"src": str(tmp_path / "outer.j2"), "dest": str(tmp_path / "result")}
    tasks = [{"ansible.builtin.include_role": role}, {"ansible.builtin.template": template}]
    variables = {**RIGHT, "jitsi_meet_stun_servers": ["stun.example.org:3478", "stun.example.net:443"]}
    done = play_here(tasks, variables=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "result").read_text() == "stun.example.org:3478;stun.example.net:443;"


def expressions(value):
    """Every template of a file of YAML, as (key that it stands under, text)."""
    pending = [("", value)]
    while pending:
        key, one = pending.pop()
        if isinstance(one, dict):
            # The preflight converts what it gets.
            pending += [(str(name), inner) for name, inner in one.items() if name != "selfhosted.jitsi.role_preflight"]
        elif isinstance(one, list):
            pending += [(key, inner) for inner in one]
        elif isinstance(one, str):
            yield key, f"{{{{ {one} }}}}" if key in ("when", "that", "until", "failed_when", "changed_when") else one


def names_in(text):
    return {node.name for node in Environment().parse(text).find_all(nodes.Name)}


@pytest.mark.parametrize("role", ROLES)
def test_everything_else_asks_for_the_typed_names(role):
    """A task or template that asks for the plain name would take the text "false" for true."""
    plain = {name for name, _kind in options(role)}
    folder, wrong = CHECKOUT / "roles" / role, []
    for path in sorted([*folder.glob("tasks/*.yml"), *folder.glob("handlers/*.yml"), *folder.glob("vars/*.yml")]):
        documents = yaml.safe_load(path.read_text())
        if path.parent.name == "vars":
            documents = {name: value for name, value in documents.items() if name.removeprefix("__") not in plain}
        wrong += [f"{path.name}: {name}" for _key, text in expressions(documents) for name in names_in(text) & plain]
    for path in sorted(folder.glob("templates/*.j2")):
        wrong += [f"{path.name}: {name}" for name in names_in(path.read_text()) & plain]
    assert not wrong, f"write these with two underscores in front, and define them so in vars/main.yml: {wrong}"


def unconverted(text, names):
    """Arguments among these names that an expression takes as they are, of whatever machine."""
    tree = Environment().parse(text)
    converted = [node for node in tree.find_all(nodes.Filter) if node.name == "selfhosted.jitsi.argument"]
    inside = {id(inner) for node in converted for kind in (nodes.Name, nodes.Getattr) for inner in node.find_all(kind)}
    found = [(node, node.name) for node in tree.find_all(nodes.Name)]
    found += [(node, node.attr) for node in tree.find_all(nodes.Getattr)]
    return {name for node, name in found if name in names and id(node) not in inside}


def test_playbooks_convert_what_they_do_not_hand_on():
    """A role converts what it gets; what a playbook itself asks for, it has to convert."""
    plain = {name for role in ROLES for name, _kind in options(role)}
    wrong = [
        f"{path.name}: {name}"
        for path in sorted((CHECKOUT / "playbooks").rglob("*.yml"))
        for key, text in expressions(yaml.safe_load(path.read_text()))
        for name in unconverted(text, plain - {key})
    ]
    assert not wrong, f"put them through selfhosted.jitsi.argument: {wrong}"
