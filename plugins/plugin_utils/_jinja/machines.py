# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge the memory and the release of a machine, on the controller."""

from __future__ import annotations

import re

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._machine_size import heaps
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._releases import machine as releases

_TOTAL = re.compile(r"^MemTotal:[ \t]+([0-9]{1,18}) kB$", re.MULTILINE)


def java_heaps(meminfo: str, bridge_alone: object = False) -> dict[str, int]:
    """Return the machine's memory, and the maximum heap of the videobridge and of jicofo, all in MiB."""
    found = _TOTAL.search(meminfo)
    if not found:
        raise AnsibleFilterError("java_heaps: MemTotal is missing; use the text of /proc/meminfo")
    memory = int(found[1]) // 1024
    return {"memory": memory, **heaps(memory, bool(bridge_alone))}


def untested_release(os_release: str, machine: object, variable: object) -> str:
    """Return what is wrong with the release of a machine and what to do, or an empty text for a tested release."""
    return releases.untested(os_release, str(machine), str(variable))


FILTERS = {"java_heaps": java_heaps, "untested_release": untested_release}
