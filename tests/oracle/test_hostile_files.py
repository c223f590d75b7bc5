# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever stands in a file, an editor answers within seconds and little memory, and never with a traceback."""

from __future__ import annotations

import random
import resource

import pytest
from editors import EDITORS, arguments, finished, started

MEMORY = 700 * 1024 * 1024
# Seconds of the processor, for other work may go on beside the tests.
SECONDS = 20

UNITS = {
    "braces": b"{",
    "brackets": b"[",
    "parentheses": b"(",
    "quotes": b'"',
    "single quotes": b"'",
    "backslashes": b"\\",
    "substitutions": b"${",
    "comments": b"/*",
    "backticks": b"`",
    "templates": b"`${",
    "one word": b"a",
    "one string": b'"a',
    "one path": b"a.",
    "slashes": b"/a",
    "blanks": b" ",
    "blank lines": b"\n",
    "carriage returns": b"\r",
    "comment lines": b"#\n",
    "other comment lines": b"//\n",
    "continued lines": b"a\\\n",
    "assignments": b"a=1;\n",
    "long assignments": b"config.some_name = { 'or.other': [1, \"2\", true] }\n",
    "appended": b"a+=1\n",
    "objects": b"a{}",
    "nested objects": b"a{",
    "nested lists": b"a=[",
    "items": b"1,",
    "NUL": b"\0",
    "not UTF-8": b"\xff",
    "escapes": b"\\u00e9",
}
LARGE = 10_000_000
# Enough to see whether the time grows faster than the file; one file of each editor is larger.
ENOUGH = 1_000_000
# These two read no more than so many bytes. Half of that in a third of the time shows the same growth.
LIMITS = {"hocon": 1024 * 1024, "config_js": 512 * 1024}


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def answer(folder, editor, content, setting):
    """What the module says; it must edit the file, or refuse and leave it alone."""
    path = folder / editor.file
    path.write_bytes(content)
    result = finished(started(editor, arguments(path, [setting]), limit), timeout=10 * SECONDS)
    if result.get("failed"):
        assert result["msg"].startswith(f"Cannot edit {path}: ")
        assert len(result["msg"]) < 500 + len(str(path))
        assert path.read_bytes() == content
    else:
        assert result["changed"]
        assert path.read_bytes() != content
    return result


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.name)
@pytest.mark.parametrize("name", UNITS)
def test_file_of_one_unit(tmp_path, editor, name):
    unit = UNITS[name]
    size = LIMITS[editor.name] // 2 if editor.name in LIMITS else ENOUGH
    content = editor.line + unit * ((size - len(editor.line)) // len(unit))
    answer(tmp_path, editor, content, {"key": "other.key", "value": "new"})


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.name)
def test_ten_megabytes(tmp_path, editor):
    result = answer(tmp_path, editor, editor.content(LARGE), {"key": editor.key, "value": "new"})
    assert ("and the limit is" in result.get("msg", "")) == (editor.name in LIMITS)


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.name)
def test_random_bytes(tmp_path, editor):
    chance = random.Random(editor.name)
    for size in (1, 100, 10_000, 400_000):
        answer(tmp_path, editor, chance.randbytes(size), {"key": editor.key, "value": "new"})


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.name)
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b"{a:", b"}"), (b"`${", b"}`")])
def test_deep_nesting(tmp_path, editor, opening, closing):
    levels = 100_000
    content = editor.line + b"config.b = " + opening * levels + closing * levels
    result = answer(tmp_path, editor, content, {"key": editor.key, "value": "new"})
    assert bool(result.get("failed")) == (editor.name in LIMITS)


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.name)
def test_deep_value(tmp_path, editor):
    """Ansible itself refuses to hand on what is nested more than some 250 levels deep."""
    value = []
    for _level in range(200):
        value = [value]
    assert answer(tmp_path, editor, editor.line, {"key": "b", "value": value})["failed"]


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.name)
def test_many_settings(tmp_path, editor):
    path = tmp_path / editor.file
    path.write_bytes(editor.line)
    settings = [{"key": f"b.c{number}", "value": "x" * 10} for number in range(5_000)]
    assert finished(started(editor, arguments(path, settings), limit), timeout=10 * SECONDS)["changed"]
