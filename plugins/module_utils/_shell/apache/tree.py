# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read what an Apache has."""

from __future__ import annotations

import os
import re
from typing import Sequence

from ..._core.apache.configuration import places, tls_files, virtual_hosts
from ..._core.apache.files import MARKED, Tree
from ..commands import CommandError, Runner, call
from ..files import read_text


def read_tree(configuration: str, backends: str, run: Runner, foreseen: Sequence[str] = ()) -> Tree:
    """What the folder of Apache's configuration holds, and what Apache makes of it.

    :param backends: the folder of the certificates of backends.
    :param foreseen: files of modules that Apache reads, too, as if they were enabled.
    :raises CommandError: if it cannot be read.
    """
    loadable = _texts(os.path.join(configuration, "mods-available"), ".load")
    names = _names(os.path.join(configuration, "mods-available"))
    # Apache may not accept its configuration, which a change may make good.
    status, dump, _errors = run(dump_command(configuration, foreseen), "")
    return Tree(
        configuration,
        _texts(os.path.join(configuration, "sites-available")),
        _texts(os.path.join(configuration, "sites-enabled")),
        {name[: -len(".load")]: text for name, text in loadable.items()},
        frozenset(name[: -len(".conf")] for name in names if name.endswith(".conf")),
        None if status else virtual_hosts(dump),
        frozenset() if status else places(dump),
        () if status else tls_files(dump),
        {f"{backends}/{name}": text for name, text in _texts(backends, ".pem").items()},
    )


def tls_files_named(configuration: str, folder: str, run: Runner) -> list[str]:
    """The certificates and keys that the vhosts name; none without an Apache.

    :param folder: what vhosts of ours name there is left out: it lies there because they name it.
    :raises CommandError: if Apache does not accept its configuration, which may need any of them.
    """
    if not os.path.isfile(os.path.join(configuration, "apache2.conf")):
        return []
    dump = call(run, dump_command(configuration), "", "read the configuration of Apache", "apache2")
    return [path for file, path in tls_files(dump) if os.path.dirname(path) != folder or not _is_ours(file)]


def _is_ours(file: str) -> bool:
    return os.path.isfile(file) and bool(MARKED.search(read_text(file)))


def dump_command(configuration: str, foreseen: Sequence[str] = ()) -> list[str]:
    """The command by which Apache says what its configuration comes to; it needs a module that need not be enabled.

    :param foreseen: files that Apache reads, too: what loads modules before its own files, the rest behind them.
    """
    path = os.path.join(configuration, "mods-available", "info.load")
    words = read_text(path).split() if os.path.isfile(path) else []
    loaded = ["-C", " ".join(words[words.index("LoadModule") :][:3])] if "LoadModule" in words else []
    for file in foreseen:
        loaded += ["-C" if file.endswith(".load") else "-c", f"Include {file}"]
    return ["apachectl", *loaded, "-t", "-D", "DUMP_CONFIG"]


def read_mpm(configuration: str) -> str:
    """What runs Apache's workers: event, worker or prefork."""
    enabled = _names(os.path.join(configuration, "mods-enabled"))
    # mpm_itk is one beside prefork.
    return next((mpm for mpm in ("event", "worker", "prefork") if f"mpm_{mpm}.load" in enabled), "event")


def has_prefork(configuration: str) -> bool:
    """Whether Apache runs one process for each connection, which cannot do HTTP/2."""
    return read_mpm(configuration) == "prefork"


def read_version(run: Runner) -> tuple[int, ...]:
    """Apache's version as numbers.

    :raises CommandError: if Apache does not say it.
    """
    said = call(run, ["apachectl", "-v"], "", "read the version of Apache", "apache2")
    found = re.search(r"Apache/([0-9]+(?:\.[0-9]+)+)", said)
    if not found:
        words = " ".join(said.split())
        raise CommandError(f"Cannot read the version of Apache: unexpected output of 'apachectl -v': {words}")
    return tuple(int(number) for number in found[1].split("."))


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CommandError(f"Cannot read {folder}: {error.strerror}; become root") from error


def _texts(folder: str, ending: str = "") -> dict[str, str]:
    found = {}
    for name in _names(folder):
        # A link may lead nowhere, and a folder may be a tidy admin's.
        path = os.path.join(folder, name)
        if name.endswith(ending) and os.path.isfile(path):
            found[name] = read_text(path)
    return found
