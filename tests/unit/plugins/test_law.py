# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A core decides and touches nothing, a shell acts, and no two subjects of a floor need each other.

What runs on a target speaks of its own options and never of a role's variables.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

COLLECTION = Path(__file__).resolve().parents[3]
MODULE_UTILS = COLLECTION / "plugins" / "module_utils"
CORE, SHELL = "_core", "_shell"
#: Modules by which code would reach beyond its arguments.
FORBIDDEN = {"ansible", "io", "os", "pathlib", "shutil", "subprocess", "tempfile", "urllib.request", "http"}
#: Calls that read or write by themselves.
OPENERS = {"open", "input", "exec", "eval", "__import__"}
FLOORS = {floor: sorted((MODULE_UTILS / floor).rglob("*.py")) for floor in (CORE, SHELL)}

ROLES = ("jitsi_meet", "nat_host", "reverse_proxy", "videobridge")
#: This one is given the arguments of a role, and runs on the controller.
OF_ROLES = "role_preflight.py"
#: What has no code of its own beside its documentation: these run on the controller.
ON_THE_CONTROLLER = {"release_preflight", "role_preflight", "site_inventory", "site_verdict"}
MODULES = [path for path in sorted((COLLECTION / "plugins" / "modules").glob("*.py")) if path.name != OF_ROLES]

COURSES = sorted((MODULE_UTILS / "_module").glob("[a-z]*.py"))


@lru_cache(maxsize=None)
def arguments():
    """The names of the arguments of all roles that users write."""
    texts = [(COLLECTION / "roles" / role / "meta" / "argument_specs.yml").read_text() for role in ROLES]
    specs = [spec for text in texts for spec in yaml.safe_load(text)["argument_specs"].values()]
    return {name for spec in specs for name in spec["options"]}


def imported(path, tree):
    """The full dotted name of everything that a file of module_utils imports."""
    home = path.relative_to(COLLECTION).with_suffix("").parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = home[: len(home) - node.level] if node.level else ()
            source = ".".join((*package, *([node.module] if node.module else [])))
            source = source.replace("ansible_collections.selfhosted.jitsi.", "")
            yield from (f"{source}.{alias.name}" for alias in node.names)


def is_below(name, package):
    return name == package or name.startswith(f"{package}.")


def reaching(path, text):
    """What a core may not have: an import of Ansible, of a shell or of the system, or a call that opens something."""
    tree = ast.parse(text)
    names = set(imported(path, tree))
    wrong = {name for name in names for package in FORBIDDEN if is_below(name, package)}
    wrong |= {name for name in names if is_below(name, "plugins") and not is_below(name, "plugins.module_utils._core")}
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return sorted(wrong | {call.id for call in calls if isinstance(call, ast.Name) and call.id in OPENERS})


def subject(name):
    """The room of a dotted name below plugins.module_utils, or nothing for a module that all rooms share."""
    parts = name.split(".")[2:]
    return parts[1] if len(parts) > 2 and (MODULE_UTILS / parts[0] / parts[1]).is_dir() else ""


def needs(floor):
    """Which rooms of a floor each room imports."""
    found: dict[str, set[str]] = {}
    for path in FLOORS[floor]:
        here = subject(".".join(path.relative_to(COLLECTION).with_suffix("").parts))
        names = imported(path, ast.parse(path.read_text(encoding="utf-8")))
        there = {subject(name) for name in names if is_below(name, f"plugins.module_utils.{floor}")}
        found.setdefault(here, set()).update(there - {here, ""})
    return found


def circle(rooms):
    """The rooms from which every way leads to another of them: those of circles and those that need them."""
    rest = dict(rooms)
    while free := [room for room, others in rest.items() if not others & set(rest)]:
        for room in free:
            del rest[room]
    return sorted(rest)


@pytest.mark.parametrize("path", FLOORS[CORE], ids=lambda path: "/".join(path.parts[-2:]))
def test_core_touches_nothing(path):
    assert reaching(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", FLOORS[SHELL], ids=lambda path: "/".join(path.parts[-2:]))
def test_code_of_targets_needs_nothing_of_the_controller(path):
    names = imported(path, ast.parse(path.read_text(encoding="utf-8")))
    assert [name for name in names if is_below(name, "plugins") and not is_below(name, "plugins.module_utils")] == []


@pytest.mark.parametrize("floor", FLOORS)
def test_no_two_subjects_need_each_other(floor):
    assert circle(needs(floor)) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import os", ["os"]),
        ("from os.path import join", ["os.path.join"]),
        ("from ansible.module_utils.basic import AnsibleModule", ["ansible.module_utils.basic.AnsibleModule"]),
        ("from ..._shell.commands import run", ["plugins.module_utils._shell.commands.run"]),
        ("from ..errors import CoreError", []),
        ("text = open('/etc/hosts').read()", ["open"]),
    ],
)
def test_what_reaches_out_is_found(line, found):
    assert reaching(MODULE_UTILS / CORE / "hocon" / "new.py", line) == found


def test_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "path", MODULES + COURSES + FLOORS[CORE] + FLOORS[SHELL], ids=lambda path: "/".join(path.parts[-2:])
)
def test_no_module_speaks_of_a_roles_variables(path):
    assert set(re.findall(r"\w+", path.read_text(encoding="utf-8"))) & arguments() == set()


def test_each_module_has_its_course_and_no_code_beside_its_documentation():
    documented = {path.stem for path in MODULES} - ON_THE_CONTROLLER
    assert documented == {path.stem for path in COURSES}
    for path in (COLLECTION / "plugins" / "modules").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))] == [], path.name


def test_batch_is_documented_and_sent_as_it_is_run():
    text = (MODULE_UTILS / "_module" / "batch_info.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    sent = {name.rpartition(".")[2] for name in imported(MODULE_UTILS / "_module" / "batch_info.py", tree)}
    (listed,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "MODULES"
    )
    assert set(listed) <= sent
    documentation = (COLLECTION / "plugins" / "modules" / "batch_info.py").read_text(encoding="utf-8")
    options = yaml.safe_load(documentation.split('DOCUMENTATION = r"""')[1].split('"""')[0])["options"]
    assert options["modules"]["suboptions"]["module"]["choices"] == list(listed) == sorted(listed)
