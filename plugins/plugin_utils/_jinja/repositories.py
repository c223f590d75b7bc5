# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make of package repositories what tasks need."""

from __future__ import annotations

from typing import Any

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._repositories import plan


def repository_plan(repositories: Any, caller: object) -> dict[str, Any]:
    """Return what tasks need of repositories."""
    return plan([dict(repository) for repository in repositories], str(caller))


FILTERS = {"repository_plan": repository_plan}
