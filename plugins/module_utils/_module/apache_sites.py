# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module apache_sites."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from .._core.apache.files import described
from .._core.apache.logs import ADDRESSES, FULL
from .._core.apache.request import (
    parse_sites,
    refuse_folders,
)
from .._core.apache.vhost import Settings
from .._core.certificates.acme import tidy
from .._core.printable import printable
from .._shell.apache.change import refuse_invalid
from .._shell.apache.module import SitesModule
from .._shell.apache.sites import Work, carry_out, look
from .._shell.apache.tree import has_prefork, read_version
from .._shell.commands import run
from .._shell.lock import lock
from .._shell.module import finish

KIND = SitesModule

# Without it, two parallel runs would each treat the other's files as files of somebody else.
LOCK = "/run/apache-sites"
PATH_OPTIONS = {
    "path": {"type": "str", "required": True},
    "backend": {"type": "str", "required": True},
    "websocket": {"type": "bool"},
    "timeout": {"type": "int"},
}
SITE_OPTIONS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "aliases": {"type": "list", "elements": "str"},
    "redirect_aliases": {"type": "bool", "default": True},
    "backend": {"type": "str"},
    "paths": {"type": "list", "elements": "dict", "options": PATH_OPTIONS},
    "preserve_host": {"type": "bool", "default": True},
    "backend_ca": {"type": "str"},
    "backend_ca_file": {"type": "path"},
    "backend_unverified_and_open_to_impostors": {"type": "bool", "default": False},
    "websocket": {"type": "bool"},
    "timeout": {"type": "int"},
    "request_headers": {"type": "dict", "no_log": True},
    "response_headers": {"type": "dict"},
    "hsts": {"type": "int", "default": 0},
    "extra_directives": {"type": "str", "no_log": True},
    "certificate": {"type": "str", "choices": ["acme", "selfsigned", "provided"], "default": "selfsigned"},
    "certificate_file": {"type": "path"},
    "certificate_key_file": {"type": "path", "no_log": False},
}
OPTIONS = {
    "sites": {"type": "list", "elements": "dict", "required": True, "options": SITE_OPTIONS},
    "purge": {"type": "bool", "default": False},
    "http2": {"type": "bool", "default": True},
    "configuration": {"type": "path", "default": "/etc/apache2"},
    "certificate_directory": {"type": "path", "default": "/etc/ssl/selfhosted"},
    "backend_directory": {"type": "path", "default": "/etc/apache2/backends"},
    "acme_webroot": {"type": "str", "default": "/var/www/acme"},
    "log_addresses": {"type": "str", "choices": list(ADDRESSES), "default": FULL},
    "refuse_strangers": {"type": "bool", "default": True},
    "machine": {"type": "str"},
    "always_test": {"type": "bool", "default": False},
}
FOLDERS = ("configuration", "certificate_directory", "backend_directory", "acme_webroot")


def settings_of(options: dict[str, Any]) -> Settings:
    """Return the settings that all sites share."""
    return Settings(
        certificate_directory=options["certificate_directory"],
        backend_directory=options["backend_directory"],
        acme_webroot=tidy(options["acme_webroot"]),
        log_addresses=options["log_addresses"],
        version=read_version(run),
        http2=options["http2"] and not has_prefork(options["configuration"]),
    )


def differences(work: Work) -> list[dict[str, str]]:
    """Return the diff: files and links that change, and certificates that are made."""
    found = []
    for path, after in work.files.after.items():
        before = work.files.before[path]
        if before != after:
            found.append(difference(path, *described(before, after)))
    for site in work.made:
        found.append(difference(f"certificate of {site.name}", "", f"made for {' '.join(site.names)}\n"))
    return found


def difference(header: str, before: str, after: str) -> dict[str, str]:
    """Return one entry of a diff. Files of others can contain bytes that are not UTF-8."""
    return {"before_header": header, "before": printable(before), "after_header": header, "after": printable(after)}


def run_module(module: SitesModule) -> dict[str, Any]:
    """Do the work and return the result for the user."""
    options = module.params
    sites = parse_sites(module.sites)
    refuse_folders({name: options[name] for name in FOLDERS}, empty=("acme_webroot",))
    settings = settings_of(options)
    machine = options["machine"] or socket.gethostname()
    with contextlib.nullcontext() if module.check_mode else lock(LOCK):
        work = look(
            sites,
            settings,
            options["configuration"],
            options["purge"],
            machine,
            run,
            refuse_strangers=options["refuse_strangers"],
        )
        if module.check_mode:
            work.foresee()
        else:
            carry_out(work, settings, run)
        if options["always_test"] and (module.check_mode or not work.changed):
            refuse_invalid(run)
    for warning in work.warnings:
        module.warn(warning)
    result = {
        "changed": work.changed,
        "made": [site.name for site in work.made if site in sites],
        "removed": list(work.removed),
        "serving": list(work.serving),
    }
    if module._diff:
        result["diff"] = differences(work)
    return result


def main(kind: type[SitesModule] = KIND) -> None:
    module = kind(OPTIONS)
    finish(module, run_module)
