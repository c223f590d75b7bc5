# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role of the proxy would say about a site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.request import SiteError, parse_sites

#: What the collection adds to the entry of the Jitsi site, with any name and address.
_ADDED = {"name": "jitsi.example.org", "backend": "https://192.0.2.1/", "websocket": True}


def refusal(site: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with a site and what to do about it, or None.

    :param site: options of one site; a name and a backend are added.
    """
    try:
        parse_sites([{**_ADDED, **site}])
    except SiteError as error:
        what, _semicolon, remedy = str(error).partition(": ")[2].rpartition("; ")
        return what, remedy
    return None
