# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name the groups of an inventory, for the hosts of a play."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preload import preload

# Ansible evaluates the hosts of a play in its main process.
preload()


def present_groups(names: Iterable[str], groups: Collection[str]) -> list[str]:
    """Return those of the names that are groups of the inventory, in their order."""
    return [name for name in names if name in groups]


FILTERS = {"present_groups": present_groups}
