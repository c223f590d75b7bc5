# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""An editor that is killed at any moment leaves the old or the new file, whole, with its owner and mode."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, NamedTuple

import pytest
from ansible.module_utils.testing import patch_module_args
from editors import EDITORS, Editor, arguments, finished, started

KILLS = int(os.environ.get("ORACLE_KILLS", "40"))
OWNER = (12345, 23456) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
OTHER_OWNER = (54321, 65432) if os.geteuid() == 0 else OWNER
SECRET = "new and hidden"
SIZE = 40_000
SETTING = {"key": "a.PASSWORD", "value": SECRET}

SCENARIOS: dict[str, dict[str, Any]] = {
    "file": {},
    "new file": {"create": True, "mode": "0640"},
    "new file of the umask": {"create": True},
    "other mode": {"mode": "0600"},
    "other mode in words": {"mode": "u=rw,go="},
    "other owner": {"owner": str(OTHER_OWNER[0]), "group": str(OTHER_OWNER[1])},
    "backup": {"backup": True},
    "check of the result": {"validate": "test -s %s"},
}
# What the editors do with files is the same code, so one of them shows the rest.
RUNS = [
    (editor, scenario) for editor in EDITORS for scenario in SCENARIOS if editor is EDITORS[0] or "file" in scenario
]


class Seen(NamedTuple):
    """A file as people find it."""

    content: bytes
    owner: tuple[int, int]
    mode: int


def seen(path: Path) -> Seen | None:
    if not path.exists():
        return None
    status = path.stat()
    return Seen(path.read_bytes(), (status.st_uid, status.st_gid), stat.S_IMODE(status.st_mode))


def ended(child: int) -> int:
    """Wait for a process, and give how it ended."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Case:
    """A file behind a symbolic link, in a directory of its own, and the run that edits it."""

    def __init__(self, folder: Path, editor: Editor, options: dict[str, Any]) -> None:
        self.editor = editor
        self.folder = folder / "real"
        self.file = self.folder / editor.file
        self.link = folder / editor.file
        self.answer = folder / "answer.json"
        self.folder.mkdir()
        self.link.symlink_to(self.file)
        self.arguments = arguments(self.link, [SETTING], **options)
        self.creates = "create" in options
        self.restore()
        self.old = seen(self.file)
        assert self.forked() == 0
        self.new = seen(self.file)
        assert self.new != self.old
        self.restore()

    def restore(self) -> None:
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not self.creates:
            self.file.write_bytes(self.editor.content(SIZE))
            os.chown(self.file, *OWNER)
            self.file.chmod(0o640)

    def fork(self, act: Callable[[], object] | None = None) -> int:
        """Run in another process, which acts before and after each of its calls of the system; give its number."""
        module = importlib.import_module(self.editor.module)
        child = os.fork()
        if child == 0:
            code = 70
            try:
                with self.answer.open("w") as out, contextlib.redirect_stdout(out), patch_module_args(self.arguments):
                    if act:
                        sys.setprofile(Moments(act))
                    module.main()
            except SystemExit as done:
                code = done.code
            finally:
                os._exit(code)
        return child

    def forked(self) -> int:
        """Run in another process; give how it ended."""
        return ended(self.fork())

    def killed_in_another_state(self, met: set[tuple]) -> tuple | None:
        """Run until the files are in a state that is not among `met`, and kill the run there; give that state.

        The run stands still at each moment while its files are judged: a kill would leave them like that. If it meets
        no other state, it runs to its end.
        """
        (said, say), (heard, hear) = os.pipe(), os.pipe()

        def stand_still() -> None:
            os.write(say, b".")
            os.read(heard, 1)

        child = self.fork(stand_still)
        os.close(say)
        other = None
        try:
            while other is None and os.read(said, 1):
                found = self.judge()
                if found in met:
                    os.write(hear, b".")
                else:
                    os.kill(child, signal.SIGKILL)
                    other = found
        except BaseException:
            os.kill(child, signal.SIGKILL)
            raise
        finally:
            code = ended(child)
            for end in (said, heard, hear):
                os.close(end)
        assert code == (0 if other is None else -signal.SIGKILL)
        assert self.judge() in {*met, other}
        return other

    def judge(self) -> tuple:
        """Nothing but the old and the new file may be seen; give what was found."""
        found = seen(self.file)
        assert found in (self.old, self.new)
        assert self.link.is_symlink()
        others = [path for path in self.folder.rglob("*") if path != self.file]
        for path in others:
            self.require_private(path)
        sizes = (path.stat().st_size for path in others if path.is_file())
        return (
            found == self.new,
            tuple(sorted(sizes)),
            tuple(sorted(stat.S_IMODE(path.stat().st_mode) for path in others)),
        )

    def require_private(self, path: Path) -> None:
        """Whoever may read the old file alone must not be able to open what becomes the new one, at any moment."""
        status = path.stat()
        if path.is_dir():
            assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o700, os.geteuid())
        elif path.parent == self.folder and path.name.startswith(".ansible_tmp"):
            assert seen(path) == self.new
        elif path.parent == self.folder:
            assert (stat.S_IMODE(status.st_mode) & ~self.old.mode, status.st_uid in (os.geteuid(), OWNER[0])) == (
                0,
                True,
            )

    def converge(self) -> None:
        """The next run does what is left, and the one after it nothing."""
        assert self.forked() == 0
        assert seen(self.file) == self.new
        assert self.forked() == 0
        assert json.loads(self.answer.read_text())["changed"] is False


class Moments:
    """Does something at all moments before and after calls that reach the operating system."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.act = act

    def __call__(self, _frame: Any, event: str, function: Any) -> None:
        if event not in ("c_call", "c_return"):
            return
        of_file = isinstance(getattr(function, "__self__", None), io.IOBase)
        of_system = getattr(function, "__module__", None) == "posix" and function is not os.fspath
        if of_file or of_system or function is open:
            self.act()


@pytest.mark.parametrize(("editor", "scenario"), RUNS, ids=[f"{editor.name}-{scenario}" for editor, scenario in RUNS])
def test_killed_at_each_call_of_the_system(tmp_path, editor, scenario):
    case = Case(tmp_path, editor, SCENARIOS[scenario])
    met: set[tuple] = set()
    while (found := case.killed_in_another_state(met)) is not None:
        met.add(found)
        case.converge()
        case.restore()
    assert {is_new for is_new, *_others in met} == {False, True}


@pytest.mark.parametrize("editor", EDITORS, ids=lambda editor: editor.name)
def test_killed_at_random_times(tmp_path, editor):
    case = Case(tmp_path, editor, {"backup": True})
    began = time.monotonic()
    finished(started(editor, case.arguments))
    duration = time.monotonic() - began
    chance = random.Random(editor.name)
    for _kill in range(KILLS):
        case.restore()
        process = started(editor, case.arguments)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=chance.uniform(0, duration))
        process.kill()
        process.communicate()
        case.judge()
    case.converge()
