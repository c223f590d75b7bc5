# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import all filters and tests, and their code, into the current process.

Ansible forks a process for each task. What its main process has not imported, each task imports and compiles again,
and that costs more than most tasks. The main process imports an action plugin when it meets its first task.
So role_preflight calls this code when it is imported, and so does the filter for the hosts of a play.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from ansible.plugins.loader import filter_loader, test_loader
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.entry import HERE

#: The files that have the code of filters and tests. The one for the hosts of a play is there already.
FILES = (
    "address",
    "argument",
    "backends",
    "batch",
    "bridge",
    "bridges",
    "certificates",
    "each",
    "hocon",
    "machines",
    "overlay",
    "packets",
    "properties",
    "prosody",
    "releases",
    "repositories",
)


def preload() -> None:
    """Import the code, and have Ansible load all filters and tests. A further call costs nothing."""
    for name in FILES:
        import_module(f"{HERE}.{name}")
    # Ansible loads all filters of a collection, and its own, when it looks for one of them.
    # Unit tests and documentation tools import this file without Ansible's loader of collections.
    with suppress(KeyError):
        filter_loader.get("selfhosted.jitsi.argument")
        test_loader.get("selfhosted.jitsi.fqdn")
