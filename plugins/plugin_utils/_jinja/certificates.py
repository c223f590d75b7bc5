# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say where the sites of a proxy have their certificates."""

from __future__ import annotations

from typing import Any, Mapping

from ansible.errors import AnsibleFilterError


def site_certificates(sites: object, folder: str) -> list[dict[str, Any]]:
    """Return the certificate of each site as a mapping with ``name``, ``path`` and ``key``.

    :param folder: where the proxy keeps the certificates that are not provided.
    """
    if not isinstance(sites, list) or not all(isinstance(site, Mapping) and "name" in site for site in sites):
        raise AnsibleFilterError(
            "site_certificates: use a list of sites, each with a name, such as reverse_proxy_sites"
        )
    return [_files(site, folder.rstrip("/")) for site in sites]


def _files(site: Mapping[str, Any], folder: str) -> dict[str, Any]:
    usual = f"{folder}/{site['name']}"
    return {
        "name": site["name"],
        "path": site.get("certificate_file") or f"{usual}.crt",
        "key": site.get("certificate_key_file") or f"{usual}.key",
    }


FILTERS = {"site_certificates": site_certificates}
