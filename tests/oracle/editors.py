# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The editors as processes of their own, which is how they run on a target."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, NamedTuple

PACKAGE = "ansible_collections.selfhosted.jitsi.plugins.modules"


class Editor(NamedTuple):
    """An editor, and a file for it: ``comment`` begins a line that means nothing, ``line`` sets ``key``."""

    name: str
    file: str
    comment: bytes
    line: bytes
    key: str

    @property
    def module(self) -> str:
        return f"{PACKAGE}.{self.name}"

    def content(self, size: int = 0) -> bytes:
        """A valid file with at least so many bytes of comments before and behind what it says."""
        comments = (self.comment + b" %s\n" % (b"x" * 9_000)) * (size // 18_000)
        return comments + self.line + comments


EDITORS = [
    Editor("java_properties", "a.properties", b"#", b"a.PASSWORD=old\n", "a.PASSWORD"),
    Editor("hocon", "a.conf", b"#", b'a { PASSWORD = "old" }\n', "a.PASSWORD"),
    Editor("config_js", "config.js", b"//", b"var config = { a: { PASSWORD: 'old' } };\n", "a.PASSWORD"),
]


def arguments(path: Path, settings: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    """What Ansible hands to a module."""
    folder = str(path.parent)
    return {"path": str(path), "settings": settings, "_ansible_remote_tmp": folder, "_ansible_diff": True, **options}


def started(editor: Editor, given: dict[str, Any], limit: Callable[[], None] | None = None) -> subprocess.Popen:
    """Start the module's process; it has all its options once this returns."""
    process = subprocess.Popen(
        [sys.executable, "-m", editor.module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=limit,  # only sets limits
    )
    process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
    process.stdin.close()
    process.stdin = None
    return process


def finished(process: subprocess.Popen, timeout: float = 60) -> dict[str, Any]:
    """What a module said, which must be JSON and nothing else."""
    out, err = process.communicate(timeout=timeout)
    assert not err, err.decode(errors="replace")[-2000:]
    return json.loads(out)
