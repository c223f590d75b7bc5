# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the addresses and the shared account of further videobridges, on the controller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.bridge import websockets as bridge_websockets
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.bridge.account import account_of
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.data import data_from
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.java_properties.data import mapping_from
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils import _bridges as bridge_site
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._arguments import ArgumentError, typed


def _need_list(name: str, value: object, what: str) -> None:
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise AnsibleFilterError(f"{name}: a value is a {type(value).__name__}; use a list of {what}")


def _typed(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the bridge variables of a machine, in the types of the role's arguments."""
    known = ("videobridge_public_addresses", "videobridge_port")
    return {**said, **{name: typed(said[name], name) for name in known if said.get(name) is not None}}


def site_bridges(
    names: Sequence[object], variables: Mapping[object, Mapping[str, Any]], public_address: object
) -> list[dict[str, Any]]:
    """Return the further bridges of a site, with their ports and addresses."""
    _need_list("site_bridges", names, "names of machines")
    try:
        machines = [(str(name), _typed(variables[name])) for name in names]
    except KeyError as error:
        raise AnsibleFilterError(f"site_bridges: the machine {error} is unknown; use names of the inventory") from error
    except ArgumentError as error:
        raise AnsibleFilterError(str(error)) from error
    return bridge_site.bridges_of(machines, str(public_address))


def bridge_conflicts(bridges: Sequence[Any]) -> list[str]:
    """Return one sentence for each conflict between two bridges."""
    _need_list("bridge_conflicts", bridges, "results of bridge_config_info")
    for one in bridges:
        missing = [
            key for key in ("name", "port", "mappings", "rooms") if not isinstance(one, Mapping) or key not in one
        ]
        if missing:
            raise AnsibleFilterError(
                f"bridge_conflicts: an item has no {', '.join(missing)}; use results of bridge_config_info"
            )
    return bridge_site.conflicts(bridges)


def bridge_websockets_of(
    said: Mapping[str, Any], hocon: Sequence[Any] = (), properties: Sequence[Any] = ()
) -> dict[str, Any]:
    """Return the WebSocket settings of a bridge, as they are with the user's settings in its files."""
    if not isinstance(said, Mapping):
        raise AnsibleFilterError("bridge_websockets: the value is not a mapping; use websockets of bridge_config_info")
    for items in (hocon, properties):
        _need_list("bridge_websockets", items, "settings")
        if not all(isinstance(item, Mapping) and "key" in item for item in items):
            raise AnsibleFilterError(
                "bridge_websockets: an item is not a setting; use lists of settings, each with a key"
            )
    try:
        return bridge_websockets.settled(said, hocon, properties)
    except CoreError as error:
        raise AnsibleFilterError(f"bridge_websockets: a key is not valid: {error}") from error


def forwards_with(forwards: Sequence[Any], wanted: Sequence[Any]) -> list[Mapping[str, Any]]:
    """Return the forwards, and the wanted forwards that are missing."""
    for items in (forwards, wanted):
        _need_list("forwards_with", items, "forwards")
        wrong = [one for one in items if not isinstance(one, Mapping)]
        if wrong:
            raise AnsibleFilterError(
                f"forwards_with: the item {wrong[0]!r} is not a mapping; use a mapping for each forward"
            )
    return bridge_site.forwards_with(forwards, wanted)


def bridge_account(texts: Mapping[str, object], domain: object) -> dict[str, str]:
    """Return the account of a bridge in a domain, or a problem. Raise no error, because no_log would hide it."""
    nobody = {"username": "", "password": "", "muc_jids": "", "problem": ""}
    try:
        properties = mapping_from(str(texts.get("properties") or ""))
        found = account_of(properties, data_from(str(texts.get("hocon") or "")), str(domain))
    except CoreError as error:
        return {**nobody, "problem": str(error)}
    return {**nobody, **found}


FILTERS = {
    "bridge_account": bridge_account,
    "bridge_conflicts": bridge_conflicts,
    "bridge_websockets": bridge_websockets_of,
    "forwards_with": forwards_with,
    "site_bridges": site_bridges,
}
