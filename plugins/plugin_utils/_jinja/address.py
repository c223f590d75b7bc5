# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test addresses and names in an inventory."""

from __future__ import annotations

import re

try:
    import netaddr
except ImportError:
    netaddr = None

from ansible.errors import AnsibleFilterError

#: Lower case, because prosody and certificates always answer with lower case.
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def _need_netaddr() -> None:
    if netaddr is None:
        raise AnsibleFilterError(
            "Cannot check an address: the Python library netaddr is missing on the controller; install it"
        )


def ipv4_address(value: object) -> bool:
    """Whether a value is an IPv4 address in dotted form with four numbers."""
    _need_netaddr()
    return isinstance(value, str) and bool(netaddr.valid_ipv4(str(value), netaddr.INET_PTON))


def ipv4_network(value: object) -> bool:
    """Whether a value is an IPv4 network with its prefix length and without host bits."""
    _need_netaddr()
    if not isinstance(value, str) or "/" not in value:
        return False
    try:
        network = netaddr.IPNetwork(str(value), version=4)
    except (netaddr.AddrFormatError, ValueError):
        return False
    return str(network.cidr) == str(value)


def host_in(value: object, network: object) -> bool:
    """Whether a value is a host address in a network: not its first and not its broadcast address."""
    if not ipv4_address(value) or not ipv4_network(network):
        return False
    address, block = netaddr.IPAddress(str(value)), netaddr.IPNetwork(str(network))
    return address in block and address not in (block.network, block.broadcast)


def fqdn(value: object) -> bool:
    """Whether a value is a fully qualified host name: lower-case letters, digits and hyphens, at least one dot."""
    if not isinstance(value, str) or len(value) > 253 or ipv4_address(value):
        return False
    labels = value.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or value.startswith("localhost."):
        return False
    return all(LABEL.fullmatch(label) for label in labels)


TESTS = {"fqdn": fqdn, "host_in": host_in, "ipv4_address": ipv4_address, "ipv4_network": ipv4_network}
