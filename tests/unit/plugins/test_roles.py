# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A role is used by its declared entry points alone, and its private variables are nobody else's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

COLLECTION = Path(__file__).resolve().parents[3]
ROLES = sorted(path.name for path in (COLLECTION / "roles").iterdir() if path.is_dir())
#: What the roles share. Users do not use it.
SHARED = "common"
PREFIX = "selfhosted.jitsi."
ACTIONS = ("ansible.builtin.include_role", "ansible.builtin.import_role")
PARTS = ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always")
PLAYBOOKS = sorted([*COLLECTION.glob("playbooks/*.yml"), *COLLECTION.glob("playbooks/tasks/*.yml")])
ROLE_TASKS = sorted([*COLLECTION.glob("roles/*/tasks/*.yml"), *COLLECTION.glob("roles/*/handlers/*.yml")])
GUIDES = sorted(COLLECTION.glob("docs/guides/*.md"))


def specs(role):
    path = COLLECTION / "roles" / role / "meta" / "argument_specs.yml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]


def loaded(path):
    return yaml.safe_load(path.read_text(encoding="utf-8")) or []


def files_of(role):
    """Everything of a role that can name a variable."""
    return [path for path in sorted((COLLECTION / "roles" / role).rglob("*")) if path.suffix in (".yml", ".j2")]


def strange(text, role):
    """The private variables of other roles in a text of this role."""
    others = "|".join(sorted(set(ROLES) - {role}))
    return sorted(set(re.findall(rf"\b__(?:{others})_\w+", text)))


def uses(entries):
    """Each use of a role of this collection: the action, the role, its entry point and the variables."""
    for entry in entries:
        for action in ACTIONS:
            name = entry.get(action, {}).get("name", "")
            if name.startswith(PREFIX):
                entry_point = entry[action].get("tasks_from", "main")
                yield action, name.removeprefix(PREFIX), entry_point, set(entry.get("vars", {}))
        for role in entry.get("roles", []):
            yield "roles", role["role"].removeprefix(PREFIX), "main", set(role.get("vars", {}))
        for part in PARTS:
            yield from uses(entry.get(part) or [])


def undeclared(entries):
    """The entry points in use that have no argument spec."""
    return sorted({f"{role}: {point}" for _action, role, point, _given in uses(entries) if point not in specs(role)})


def wrong_arguments(entries):
    """What the shared role gets and does not know, and what it needs and does not get."""
    found = []
    for _action, role, point, given in uses(entries):
        if role == SHARED:
            options = specs(role)[point].get("options", {})
            needed = {name for name, option in options.items() if option.get("required")}
            found += [f"{point}: {name}" for name in sorted((given - set(options)) | (needed - given))]
    return found


def made(path):
    """The names of variables that a file of tasks sets, and those that it imports or includes."""
    names = set()
    for entry in entries_below(loaded(path)):
        names |= {entry["register"]} if "register" in entry else set()
        names |= set(entry.get("ansible.builtin.set_fact", {}))
        for action in ("ansible.builtin.import_tasks", "ansible.builtin.include_tasks"):
            if action in entry:
                names |= made(path.parent / entry[action])
        for _action, role, point, _given in uses([entry]):
            names |= made(COLLECTION / "roles" / role / "tasks" / f"{point}.yml")
    return names


def entries_below(entries):
    """Each task, and those in its blocks."""
    for entry in entries:
        yield entry
        for part in PARTS:
            yield from entries_below(entry.get(part) or [])


def shifting(path):
    """The imports whose condition names a variable that the imported tasks set: Ansible asks it again at each task."""
    return [
        entry["name"]
        for entry in entries_below(loaded(path))
        if "when" in entry and "ansible.builtin.import_tasks" in entry
        if set(re.findall(r"\w+", str(entry["when"]))) & made(path.parent / entry["ansible.builtin.import_tasks"])
    ]


def identified(path):
    return "/".join(path.parts[-3:])


@pytest.mark.parametrize("role", ROLES)
def test_private_variables_of_other_roles_are_not_used(role):
    assert {path.name: names for path in files_of(role) if (names := strange(path.read_text(), role))} == {}


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.name)
def test_playbooks_use_no_private_variable_of_a_role(path):
    assert strange(path.read_text(encoding="utf-8"), "") == []


@pytest.mark.parametrize("path", PLAYBOOKS + ROLE_TASKS, ids=identified)
def test_entry_point_in_use_has_an_argument_spec(path):
    assert undeclared(loaded(path)) == []


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_entry_point_in_a_guide_has_an_argument_spec(path):
    declared = {point for role in set(ROLES) - {SHARED} for point in specs(role)}
    assert set(re.findall(r"tasks_from: (\w+)", path.read_text(encoding="utf-8"))) <= declared


@pytest.mark.parametrize("role", ROLES)
def test_declared_entry_point_has_its_tasks_and_the_options_of_its_role(role):
    for point, spec in specs(role).items():
        assert (COLLECTION / "roles" / role / "tasks" / f"{point}.yml").is_file(), point
        assert [name for name in spec.get("options", {}) if not name.startswith(f"{role}_")] == []


@pytest.mark.parametrize("path", ROLE_TASKS, ids=identified)
def test_shared_tasks_get_their_arguments(path):
    assert wrong_arguments(loaded(path)) == []


@pytest.mark.parametrize("path", ROLE_TASKS, ids=identified)
def test_shared_tasks_are_included(path):
    """Ansible validates the arguments of imported roles whatever tags a run has, also of plays that it leaves out."""
    assert [point for action, role, point, _given in uses(loaded(path)) if role == SHARED and "import" in action] == []


@pytest.mark.parametrize("path", ROLE_TASKS, ids=identified)
def test_condition_of_imported_tasks_stays_as_it_is(path):
    assert shifting(path) == []


def test_condition_that_imported_tasks_change_is_found(tmp_path):
    (tmp_path / "read.yml").write_text("- {name: Read, ansible.builtin.command: x, register: read_now}\n")
    (tmp_path / "main.yml").write_text(
        "- {name: Read it, ansible.builtin.import_tasks: read.yml, when: read_now is not defined}\n"
        "- {name: Include it, ansible.builtin.include_tasks: read.yml, when: read_now is not defined}\n"
    )
    assert shifting(tmp_path / "main.yml") == ["Read it"]


def test_roles_include_no_other_role_than_the_shared_one():
    used = {role for path in ROLE_TASKS for _action, role, _point, _given in uses(loaded(path))}
    assert used == {SHARED}


def test_routes_that_the_shared_role_writes_are_those_that_nginx_includes():
    written = yaml.safe_load((COLLECTION / "roles/common/vars/main.yml").read_text())["__common_route_path"]
    included = yaml.safe_load((COLLECTION / "roles/jitsi_meet/vars/main.yml").read_text())["__jitsi_meet_routes"]
    assert written.replace("{{ common_route_name }}", "*") == included


INCLUDE = {"name": "selfhosted.jitsi.common", "tasks_from": "packages"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ __jitsi_meet_limits }}", ["__jitsi_meet_limits"]),
        ("__jitsi_meet_role: videobridge", ["__jitsi_meet_role"]),
        ("{{ __videobridge_limits }} {{ jitsi_meet_fqdn }}", []),
    ],
)
def test_private_variable_of_another_role_is_found(text, found):
    assert strange(text, "videobridge") == found


@pytest.mark.parametrize(
    ("action", "include", "found"),
    [
        ("include_role", {"name": "selfhosted.jitsi.jitsi_meet", "tasks_from": "limits"}, ["jitsi_meet: limits"]),
        ("import_role", {"name": "selfhosted.jitsi.jitsi_meet", "tasks_from": "preflight"}, []),
        ("import_role", {"name": "selfhosted.jitsi.jitsi_meet"}, []),
    ],
)
def test_undeclared_entry_point_is_found(action, include, found):
    assert undeclared([{"name": "Install", "block": [{f"ansible.builtin.{action}": include}]}]) == found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"common_packages": ["gpg"]}, []),
        ({"common_package": ["gpg"]}, ["packages: common_package", "packages: common_packages"]),
    ],
)
def test_wrong_argument_of_the_shared_role_is_found(given, found):
    assert wrong_arguments([{"ansible.builtin.include_role": INCLUDE, "vars": given}]) == found
