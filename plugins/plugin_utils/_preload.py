# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import all filters and tests, and their code, into the current process.

Ansible forks a process for each task. What its main process has not imported, each task imports and compiles again,
and that costs more than most tasks. The main process imports an action plugin when it meets its first task.
So role_preflight imports this file, and so does the filter for the hosts of a play, which are evaluated there.
"""

from __future__ import annotations

from contextlib import suppress

from ansible.plugins.loader import filter_loader, test_loader
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja import (  # noqa: F401
    address,
    argument,
    backends,
    bridge,
    bridges,
    hocon,
    machines,
    overlay,
    properties,
    prosody,
    releases,
    repositories,
)

# Ansible loads all filters of a collection, and its own, when it looks for one of them.
# Unit tests and documentation tools import this file without Ansible's loader of collections.
with suppress(KeyError):
    filter_loader.get("selfhosted.jitsi.argument")
    test_loader.get("selfhosted.jitsi.fqdn")
