# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses that the Internet does not route."""

from __future__ import annotations

import ipaddress

# Not ipaddress.is_private: that also counts the documentation networks, on which test sites live.
INSIDE = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8")
)


def inside(address: str) -> bool:
    """Whether an address is one that stands behind NAT."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in INSIDE if network.version == parsed.version)
