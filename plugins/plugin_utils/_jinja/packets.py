# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Name the packets that a site needs, for packet_path_info."""

from __future__ import annotations

from typing import Any, Sequence

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils import _packets


def site_packets(
    forwards: object,
    public_address: str,
    address: str = "",
    proxy: str = "",
    masquerades: object = True,
    others: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the ``packets`` at the host, or at the guest with an address, and where they must go (``wanted``).

    :param proxy: the address of the proxy, which asks the guest over https.
    :param others: further public addresses of the site.
    """
    if not isinstance(forwards, list):
        raise AnsibleFilterError("site_packets: use a list of forwards, such as nat_host_forwards")
    outside = _packets.Outside(public_address, tuple(others))
    if not address:
        return _packets.at_host(forwards, outside, bool(masquerades))
    asked = _packets.between("tcp", 443, proxy, "the proxy", address) if proxy else []
    return {"packets": [*_packets.at_guest(forwards, outside, address), *asked], "wanted": {}}


FILTERS = {"site_packets": site_packets}
