# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files and the unit by which forwards come back after a boot."""

from __future__ import annotations

import glob
import importlib.util
import os
import pkgutil
import shutil
import stat
from importlib.machinery import ModuleSpec
from typing import Any, Iterator, Sequence

from ..._core.forwards import persistence
from ..._core.forwards.persistence import File, Files
from ..._core.forwards.request import Request
from ..._core.outcome import Outcome
from .. import files as room
from ..commands import CommandError, Runner, call
from . import reapply

#: What the unit runs: these packages as wholes, and the modules that they share with others.
_PACKAGES = ("_core.forwards", "_shell.forwards")
_MODULES = ("_core.errors", "_core.outcome", "_shell.commands", "_shell.files", "_shell.lock")
_ROOT = reapply.__name__.rsplit("._shell.", 1)[0]


class Kept:
    """What shall come back after a boot, and whether that is written already.

    :param name: the owner.
    :param request: what shall come back; None for nothing.
    :raises CommandError: where nothing would start the unit, or a file cannot be read.
    """

    def __init__(self, name: str, request: Request | None, run: Runner) -> None:
        if request:
            refuse_without_systemd()
        self._run = run
        self._files = decide(name, request)
        before, after = self._files.before, self._files.after
        units = persistence.UNITS.items()
        self._enabled = [unit for unit, path in units if before.get(path) and _is_enabled(run, unit)]
        self._shall_be_enabled = [unit for unit, path in units if after.get(path)]

    @property
    def changed(self) -> bool:
        """Whether anything has to be written."""
        return self._files.changed or self._enabled != self._shall_be_enabled

    def write(self) -> None:
        """Write it, and have systemd know."""
        _write_all(self._files, self._enabled, self._shall_be_enabled, self._run)

    def differences(self) -> Iterator[tuple[str, str, str]]:
        """What changes: a header, and the text before and after."""
        if self._files.changed:
            before, after = (persistence.describe(files) for files in (self._files.before, self._files.after))
            yield persistence.KEPT_FILES, before, after
        for unit in persistence.UNITS:
            is_enabled, shall_be = (unit in units for units in (self._enabled, self._shall_be_enabled))
            if is_enabled != shall_be:
                yield unit, _word(is_enabled), _word(shall_be)


def _word(is_enabled: bool) -> str:
    return "enabled\n" if is_enabled else "disabled\n"


def decide(name: str, request: Request | None) -> Outcome[Files]:
    """Compare what is written on the host with what shall be.

    :param request: what shall come back after a boot; None for nothing.
    """
    own = persistence.request_file(name)
    shared = persistence.shared_files(_sources(), list(filter(os.path.exists, persistence.PROGRAMS)))
    if request is None:
        # They may be there although the program is not any more.
        for path in persistence.PROGRAMS.values():
            shared.setdefault(path, File(""))
    others = [path for path in glob.glob(f"{persistence.REQUESTS}/*.json") if path != own]
    found = {path: _read(path) for path in (own, *shared)}
    return persistence.plan(name, request, shared, found, bool(others))


def _sources() -> dict[str, str]:
    """The code that the unit runs, by its path below the package."""
    sources = {"__init__.py": "", "_core/__init__.py": "", "_shell/__init__.py": ""}
    for package in _PACKAGES:
        found = _spec(package)
        sources[f"{package.replace('.', '/')}/__init__.py"] = ""
        for module in pkgutil.iter_modules(found.submodule_search_locations):
            sources.update(_source(f"{package}.{module.name}"))
    for name in _MODULES:
        sources.update(_source(name))
    return sources


def _spec(name: str) -> ModuleSpec:
    found = importlib.util.find_spec(f"{_ROOT}.{name}")
    if found is None:
        raise ModuleNotFoundError(f"{_ROOT}.{name}")
    return found


def _source(module: str) -> dict[str, str]:
    found = _spec(module)
    # Ansible's own loader, where a collection lies unpacked, is no InspectLoader, and has bytes.
    loader: Any = found.loader
    source: str | bytes = loader.get_source(found.name)
    return {module.replace(".", "/") + ".py": source if isinstance(source, str) else source.decode()}


def _read(path: str) -> File | None:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return File(file.read(), stat.S_IMODE(os.fstat(file.fileno()).st_mode))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CommandError(f"Cannot read {path}: {error.strerror}; run as root, or move it away") from error


def _is_enabled(run: Runner, unit: str) -> bool:
    """Whether systemd starts a unit by itself."""
    try:
        return run(["systemctl", "is-enabled", unit], "")[1].strip() == "enabled"
    except FileNotFoundError:
        return False


def refuse_without_systemd() -> None:
    """Raise CommandError where nothing would start the unit."""
    if not os.path.isdir("/run/systemd/system"):
        raise CommandError(
            "persistent: true needs systemd, and this host does not run it; set persistent to false, and run the task"
            " after each boot"
        )


def _write_all(outcome: Outcome[Files], enabled: Sequence[str], shall_be: Sequence[str], run: Runner) -> None:
    """Make the files what the outcome says, and have systemd know.

    :param enabled: the units that systemd starts by itself now.
    :param shall_be: those that it shall start.
    :raises CommandError: if a file or a unit cannot be changed.
    """
    for unit in enabled:
        if unit not in shall_be:
            _systemctl(run, "disable", "--now", "--quiet", unit)
    first, last = persistence.order(outcome.after)
    _write_changed(outcome, first)
    if not os.path.exists(f"{persistence.LIBRARY}/__main__.py"):
        shutil.rmtree(persistence.LIBRARY, ignore_errors=True)
    for path in (persistence.HOOK, persistence.RELOAD_FILE):
        _remove_empty(os.path.dirname(path))
    _systemctl(run, "daemon-reload")
    for unit in shall_be:
        _systemctl(run, "reenable", "--quiet", unit)
    # It would start firewalld where that does not run.
    if persistence.WATCH in shall_be and run(["systemctl", "is-active", "--quiet", "firewalld.service"], "")[0] == 0:
        _systemctl(run, "restart", persistence.WATCH)
    _write_changed(outcome, last)
    _remove_empty(persistence.REQUESTS)


def _write_changed(outcome: Outcome[Files], paths: Sequence[str]) -> None:
    for path in paths:
        if outcome.before.get(path) != outcome.after[path]:
            _write(path, outcome.after[path])


def _write(path: str, file: File | None) -> None:
    if file is None:
        room.put(path, None)
    else:
        room.put(path, file.text, file.mode)


def _remove_empty(folder: str) -> None:
    if os.path.isdir(folder) and not os.listdir(folder):
        os.rmdir(folder)


def _systemctl(run: Runner, *words: str) -> None:
    call(run, ["systemctl", *words], "", f"run systemctl {words[0]}", "systemd")
