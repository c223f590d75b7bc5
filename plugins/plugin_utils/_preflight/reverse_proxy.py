# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the arguments of the role reverse_proxy are valid."""

from __future__ import annotations

from typing import Iterator

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.pins import refuse_written
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.request import (
    SiteError,
    parse_sites,
    refuse_folders,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.vhost import Settings
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.certificates import acme
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.values import Values, renamed

FOLDERS = ("reverse_proxy_certificate_directory", "reverse_proxy_backend_directory", "reverse_proxy_acme_webroot")
ACME = ("directory_url", "email", "webroot", "ca_bundle")
MOST_PARTICIPANTS = 10000


def judge(values: Values) -> Iterator[str]:
    """The problems, each as a sentence."""
    wrong = list(_sites(values))
    yield from wrong
    yield from _folders(values)
    yield from _participants(values)
    if not wrong:
        yield from _acme(values)


def _sites(values: Values) -> Iterator[str]:
    try:
        sites = parse_sites(values["reverse_proxy_sites"])
        refuse_written(sites, Settings(backend_directory=values["reverse_proxy_backend_directory"] or ""))
    except SiteError as error:
        yield renamed(error, "sites", "reverse_proxy_sites")


def _folders(values: Values) -> Iterator[str]:
    try:
        refuse_folders({name: values[name] or "" for name in FOLDERS}, ["reverse_proxy_acme_webroot"])
    except SiteError as error:
        yield str(error)


def _participants(values: Values) -> Iterator[str]:
    number = values["reverse_proxy_participants"]
    if not 0 <= number <= MOST_PARTICIPANTS:
        yield (
            f"reverse_proxy_participants: {number} is not between 0 and {MOST_PARTICIPANTS}. "
            "Set it to the number of simultaneous participants, or to 0 to keep the size of Apache."
        )


def _acme(values: Values) -> Iterator[str]:
    if not acme.wanted(values["reverse_proxy_sites"])[0]:
        return
    try:
        acme.parse_account({name: values[f"reverse_proxy_acme_{name}"] for name in ACME})
    except acme.AcmeError as error:
        yield f"reverse_proxy_acme_{error}"
