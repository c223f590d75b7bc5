# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the packages and versions of a release of Jitsi Meet, on the controller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._releases.jitsi import asks_for_turn, choose


def jitsi_release(shown: object, wanted: object, installed: object = "") -> dict[str, Any]:
    """Return the newest matching release, or a problem."""
    release = choose(str(shown), str(wanted), str(installed))
    return {
        "version": release.version,
        "packages": dict(release.packages),
        "needed": list(release.needed),
        "problem": release.problem,
        "asks_for_turn": asks_for_turn(release.version),
    }


def at_versions(names: object, versions: object) -> list[str]:
    """Return the names of packages for apt, with their versions if known."""
    if not isinstance(names, Sequence) or isinstance(names, (str, bytes)):
        raise AnsibleFilterError(f"at_versions: the value is a {type(names).__name__}; use a list of packages")
    if not isinstance(versions, Mapping):
        raise AnsibleFilterError(
            f"at_versions: the versions are a {type(versions).__name__}; use a mapping of packages to versions"
        )
    return [f"{name}={versions[name]}" if name in versions else str(name) for name in names]


FILTERS = {"at_versions": at_versions, "jitsi_release": jitsi_release}
