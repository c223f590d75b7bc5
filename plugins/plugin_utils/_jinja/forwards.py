# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check forwards on the controller with the same code that the module uses on the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import ForwardError, parse_request

OPTIONAL = ("to_port", "sources", "comment")
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._arguments import ArgumentError, typed


def _as_the_module_sees_it(forward: object) -> dict[str, Any]:
    """Return an item as the module's argument spec converts it: strings for ports, None for missing options."""
    if not isinstance(forward, Mapping):
        raise AnsibleFilterError(
            f"forward_problems: the item {forward!r} is not a mapping; use a mapping with port and to"
        )
    item = {name: forward.get(name) for name in OPTIONAL}
    item.update({name: str(forward.get(name, "")) for name in ("protocol", "port", "to")})
    if item["to_port"] is not None:
        item["to_port"] = str(item["to_port"])
    return item


def forward_problems(
    forwards: object,
    public_address: object,
    network: object,
    name: object = "jitsi",
    ssh_port: object = 22,
    allow_ssh: object = False,
) -> list[str]:
    """Return a list with the first problem of forwards, as a sentence. Empty if all is well."""
    if not isinstance(forwards, Sequence) or isinstance(forwards, (str, bytes)):
        raise AnsibleFilterError(f"forward_problems: {forwards!r} is not a list; use a list of forwards")
    try:
        request = _request(forwards, public_address, network, name, ssh_port, allow_ssh)
        parse_request(request)
    except (ArgumentError, ForwardError) as error:
        return [str(error)]
    return []


def _request(
    forwards: Sequence[object],
    public_address: object,
    network: object,
    name: object,
    ssh_port: object,
    allow_ssh: object,
) -> dict[str, Any]:
    return {
        "name": str(name),
        "public_address": str(public_address),
        "network": str(network),
        "forwards": [_as_the_module_sees_it(forward) for forward in forwards],
        "hairpin": True,
        "masquerade": True,
        "ssh_port": typed(ssh_port, "nat_host_ssh_port"),
        "allow_ssh": typed(allow_ssh, "nat_host_allow_ssh"),
    }


FILTERS = {"forward_problems": forward_problems}
