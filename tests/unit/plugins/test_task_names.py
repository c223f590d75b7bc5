# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of plays, tasks and handlers begin with a plain verb."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

COLLECTION = Path(__file__).resolve().parents[3]
VERBS = ("Install", "Configure", "Create", "Remove", "Read", "Check", "Assert", "Wait", "Restart", "Reload")
TASK_FILES = sorted(
    path
    for pattern in ("roles/*/tasks/*.yml", "roles/*/handlers/*.yml", "playbooks/*.yml", "playbooks/tasks/*.yml")
    for path in COLLECTION.glob(pattern)
)
PARTS = ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always")


def names(entries):
    """The name of each play, task and handler, or an empty one where it is missing."""
    for entry in entries:
        yield str(entry.get("name", ""))
        for part in PARTS:
            yield from names(entry.get(part) or [])


def unplain(entries):
    return [name for name in names(entries) if name.split(" ")[0] not in VERBS]


@pytest.mark.parametrize("path", TASK_FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_name_begins_with_a_plain_verb(path):
    assert unplain(yaml.safe_load(path.read_text(encoding="utf-8")) or []) == []


@pytest.mark.parametrize("name", ["Refuse wrong values", "Have apt do it", "install packages", "Installs packages", ""])
def test_other_name_is_found(name):
    task = {"name": name, "ansible.builtin.debug": {}}
    assert unplain([{"name": "Install packages", "block": [task]}]) == [name]
    assert unplain([{"name": "Install packages", "tasks": [], "handlers": [task]}]) == [name]
