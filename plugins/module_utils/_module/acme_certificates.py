# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module acme_certificates."""

from __future__ import annotations

import contextlib
from typing import Any

from .._core.apache.request import parse_sites
from .._core.certificates import acme
from .._shell.apache.module import SitesModule
from .._shell.apache.tree import tls_files_named
from .._shell.certificates.certbot import Certificates, Result
from .._shell.commands import run
from .._shell.lock import lock
from .._shell.module import finish

KIND = SitesModule

LOCK = "/run/acme-certificates"
OPTIONS = {
    "sites": {"type": "list", "elements": "dict", "required": True},
    "directory_url": {"type": "str", "default": "https://acme-v02.api.letsencrypt.org/directory"},
    "email": {"type": "str", "default": ""},
    "key_type": {"type": "str", "choices": ["ecdsa", "rsa"], "default": "ecdsa", "no_log": False},
    "ca_bundle": {"type": "str", "default": ""},
    "webroot": {"type": "path", "default": "/var/www/acme"},
    "certificate_directory": {"type": "path", "default": "/etc/ssl/selfhosted"},
    "reload_command": {"type": "str", "default": "systemctl reload apache2"},
    "named_files": {"type": "list", "elements": "path", "default": []},
    "purge": {"type": "bool", "default": False},
    "configuration": {"type": "path", "default": "/etc/apache2"},
}


def describe(result: Result) -> dict[str, str]:
    """Return the diff: a line for each certificate."""
    lines = [f"fetched from the CA: {name}\n" for name in result.fetched]
    lines += [f"used by Apache: {name}\n" for name in result.linked]
    gone = [f"kept by certbot: {name}\n" for name in result.removed]
    return {"before_header": "certificates", "before": "".join(gone), "after": "".join(lines)}


def run_module(module: SitesModule) -> dict[str, Any]:
    """Do the work and return the result for the user."""
    options = module.params
    parse_names(module.sites)
    account = acme.parse_account(options)
    fetched, others = acme.wanted(module.sites)
    folder = options["certificate_directory"]

    def named() -> list[str]:
        others = tls_files_named(options["configuration"], folder, run)
        return [*acme.named_files(module.sites), *options["named_files"], *others]

    certificates = Certificates(account, folder, run, module.check_mode, named)
    with contextlib.nullcontext() if module.check_mode else lock(LOCK):
        result = certificates.bring_about(fetched, others, options["purge"])
    shown = {name: getattr(result, name) for name in ("fetched", "linked", "removed", "kept", "failures")}
    if module._diff:
        shown["diff"] = describe(result)
    if result.failures:
        module.fail_json(msg="; ".join(result.failures), changed=result.changed, **shown)
    return {"changed": result.changed, **shown}


def main(kind: type[SitesModule] = KIND) -> None:
    finish(kind(OPTIONS), run_module)


def parse_names(sites: list[dict[str, Any]]) -> None:
    """Refuse sites with invalid names. Backends are not checked here."""
    parse_sites([{"name": site.get("name"), "aliases": site.get("aliases"), "state": "absent"} for site in sites])
