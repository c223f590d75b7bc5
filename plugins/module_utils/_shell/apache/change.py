# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change files of an Apache in one step: it tests its whole configuration, and where it refuses all is as it was."""

from __future__ import annotations

from typing import Callable, Sequence

from ..._core.files import Files
from ..._core.outcome import Outcome
from ..commands import CommandError, Runner
from ..paths import put, put_back, read_files


def change(files: Outcome[Files], what: str, run: Runner, confirm: Callable[[], None] = lambda: None) -> None:
    """Write what differs, and have Apache test its whole configuration.

    :param what: what messages call the change.
    :param confirm: raises an error where Apache accepts the change and it still must not stay.
    :raises CommandError: if something fails; everything is then as before, and Apache's words are in the message.
    """
    done: list[str] = []
    try:
        for path in _differences(files):
            done.append(path)
            put(path, files.after[path])
        _test(run)
        confirm()
    except BaseException as error:
        _put_back(done, files.before)
        if isinstance(error, _Refused):
            raise CommandError(_explain(error, what, run)) from error
        raise


def refuse_invalid(run: Runner) -> None:
    """Have Apache test its whole configuration as it is.

    :raises CommandError: if Apache would not start with it; its words are in the message.
    """
    try:
        _test(run)
    except _Refused as error:
        raise CommandError(
            f"Apache rejects its present configuration and would not start again. Correct the error in the file that "
            f"apachectl configtest names: {error}"
        ) from error


class _Refused(Exception):
    """Apache does not accept its configuration. The message holds its words."""


def _differences(files: Outcome[Files]) -> list[str]:
    return [path for path, content in files.after.items() if content != files.before[path]]


def _put_back(done: Sequence[str], before: Files) -> None:
    """Put back what changed. On a full disk there is no room to write the same anew, and what goes makes some."""
    found = read_files(done)
    changed = [path for path in reversed(done) if found[path] != before[path]]
    for path in sorted(changed, key=lambda path: before[path] is not None):
        put_back(path, before[path])


def _test(run: Runner) -> None:
    try:
        status, output, errors = run(["apachectl", "configtest"], "")
    except FileNotFoundError as error:
        raise CommandError(
            "Cannot test Apache's configuration: apachectl is missing; install the package apache2"
        ) from error
    if status:
        raise _Refused(" ".join(f"{errors} {output}".split()))


def _explain(error: _Refused, what: str, run: Runner) -> str:
    said = f"Apache rejects {what}, and the earlier files are restored. Output of apachectl configtest: {error}"
    try:
        _test(run)
    except _Refused:
        return said + ". Apache rejects the earlier files, too. Correct the error in them first."
    return said
