# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task registers stays for the rest of the run, and hides a variable of that name in each later task."""

from __future__ import annotations

from pathlib import Path

import yaml

COLLECTION = Path(__file__).resolve().parents[3]
FILES = sorted([*COLLECTION.glob("playbooks/**/*.yml"), *COLLECTION.glob("roles/*/tasks/*.yml")])


def entries(tree):
    """Each mapping in a tree of YAML."""
    if isinstance(tree, dict):
        yield tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from entries(part)


def names(key, kind):
    """The names that tasks, blocks and plays give under a key, each with its file."""
    found = {}
    for path in FILES:
        for entry in entries(yaml.safe_load(path.read_text(encoding="utf-8"))):
            value = entry.get(key)
            for name in [value] if isinstance(value, str) else value or () if isinstance(value, kind) else ():
                found.setdefault(name, str(path.relative_to(COLLECTION)))
    return found


def test_no_registered_name_is_that_of_a_variable():
    registered, variables = names("register", str), names("vars", dict)
    assert len(registered) > 50 and len(variables) > 50
    hidden = {name: (registered[name], variables[name]) for name in set(registered) & set(variables)}
    assert hidden == {}
