# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check sites on the controller with the same code that the module uses on the proxy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.request import (
    SiteError,
    parse_sites,
    refuse_folders,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.certificates import acme
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._arguments import ArgumentError, typed
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.entry import renamed


def site_problems(sites: object) -> list[str]:
    """Return a list with the first problem of sites, as a sentence. Empty if all is well."""
    if not isinstance(sites, Sequence) or isinstance(sites, (str, bytes)):
        raise AnsibleFilterError(f"site_problems: {sites!r} is not a list; use a list of sites")
    for site in sites:
        if not isinstance(site, Mapping):
            raise AnsibleFilterError(
                f"site_problems: the item {site!r} is not a mapping; use a mapping with name and backend"
            )
    try:
        parse_sites(typed(sites, "reverse_proxy_sites"))
    except ArgumentError as error:
        return [str(error)]
    except SiteError as error:
        return [renamed(error, "sites", "reverse_proxy_sites")]
    return []


def acme_problems(sites: Sequence[Mapping[str, Any]], **account: Any) -> list[str]:
    """Return a list with the first problem of the ACME settings. Empty if all is well, or if no site uses ACME."""
    if not acme.wanted(sites)[0]:
        return []
    try:
        acme.parse_account(account)
    except acme.AcmeError as error:
        return [str(error)]
    return []


def folder_problems(folders: object, empty: object = ()) -> list[str]:
    """Return a list with the first wrong folder for Apache, as a sentence. Empty if all is well."""
    if not isinstance(folders, Mapping) or isinstance(empty, (str, bytes)) or not isinstance(empty, Sequence):
        raise AnsibleFilterError(
            "folder_problems: a value is not valid; use a mapping of variables to paths, and a list of variables that "
            "can be empty"
        )
    try:
        refuse_folders({str(name): str(path or "") for name, path in folders.items()}, empty)
    except SiteError as error:
        return [str(error)]
    return []


FILTERS = {
    "acme_problems": acme_problems,
    "folder_problems": folder_problems,
    "site_problems": site_problems,
}
