# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the arguments of the role nat_host are valid."""

from __future__ import annotations

import re
from typing import Any, Iterator

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import ForwardError, parse_request
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.address import ipv4_network
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.values import Values, address

PUBLIC = "the public address of the site, for example 198.51.100.10"
OPTIONAL = ("to_port", "sources", "comment")
#: Where the module's messages name its options, which are the role's arguments without their prefix.
_OPTION = re.compile(
    r"(?<![^ ])(?:name|network|public_address|forwards)(?=[:[])|\b(?:ssh_port|allow_ssh)\b|(?<=correct )network\b"
)


def judge(values: Values) -> Iterator[str]:
    """The problems, each as a sentence."""
    wrong = [*address(values, "nat_host_public_address", PUBLIC), *_network(values)]
    yield from wrong
    if not wrong:
        yield from _forwards(values)


def _network(values: Values) -> Iterator[str]:
    network = values["nat_host_network"]
    if not ipv4_network(network):
        yield (
            f"nat_host_network: '{network}' is not an IPv4 network without host bits. "
            "Set it to the guests' network, for example 192.168.122.0/24."
        )


def _forwards(values: Values) -> Iterator[str]:
    request = {
        "name": values["nat_host_name"],
        "public_address": values["nat_host_public_address"],
        "network": values["nat_host_network"],
        "forwards": [_as_the_module_sees_it(forward) for forward in values["nat_host_forwards"]],
        "hairpin": True,
        "masquerade": True,
        "ssh_port": values["nat_host_ssh_port"],
        "allow_ssh": values["nat_host_allow_ssh"],
    }
    try:
        parse_request(request)
    except ForwardError as error:
        yield _OPTION.sub(r"nat_host_\g<0>", str(error))


def _as_the_module_sees_it(forward: dict[str, Any]) -> dict[str, Any]:
    """An item as the module's argument spec converts it: strings for ports, None for missing options."""
    item = {name: forward.get(name) for name in OPTIONAL}
    item.update({name: str(forward.get(name, "")) for name in ("protocol", "port", "to")})
    if item["to_port"] is not None:
        item["to_port"] = str(item["to_port"])
    return item
