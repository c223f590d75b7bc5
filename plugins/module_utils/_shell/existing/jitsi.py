# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read what a machine has of Jitsi. What is secret in its files is not returned."""

from __future__ import annotations

import glob
import os
from typing import Any

from ..._core.bridge.addresses import Files, Wish, judge
from ..._core.bridge.kept import kept_settings
from ..._core.config_js.changes import changes, settings
from ..._core.config_js.stun import stun_servers
from ..._core.errors import CoreError
from ..._core.packages.sources import sources_of_jitsi
from ..._core.prosody.authentication import authentication
from ..commands import Runner
from ..files import read_text
from ..machine.look import read_packages

_BRIDGE = "/etc/jitsi/videobridge"
_MEET = "/etc/jitsi/meet"
_ENDING = "-config.js"
#: The package's own file, before the site's name is in it.
_ORIGINAL, _EXAMPLE = "/usr/share/jitsi-meet-web-config/config.js", "jitsi-meet.example.com"
_PROSODY = ("/etc/prosody/prosody.cfg.lua", "/etc/prosody/conf.d/*.cfg.lua")
_SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/*.list", "/etc/apt/sources.list.d/*.sources")
#: What the roles of this collection leave on a Jitsi machine, and on that of a further bridge.
_MARKS = (
    "/etc/prosody/conf.d/selfhosted-jitsi.cfg.lua",
    "/etc/prosody/selfhosted-jitsi-authentication.cfg.lua",
    "/etc/nginx/conf.d/selfhosted-jitsi-proxies.conf",
    "/etc/selfhosted-jitsi",
)
_STUN = "p2p.stunServers"


def read_jitsi(run: Runner) -> dict[str, Any]:
    """The sites, the bridge, the packages and their sources.

    :raises CommandError: if a file cannot be read.
    """
    names = [os.path.basename(path)[: -len(_ENDING)] for path in sorted(glob.glob(f"{_MEET}/*{_ENDING}"))]
    packages = read_packages(run).installed
    return {
        "marks": [path for path in _MARKS if os.path.lexists(path)],
        "packages": {name: version for name, version in packages.items() if _is_jitsis(name)},
        "sites": [_site(name) for name in names],
        "bridge": _bridge(),
        "sources": sources_of_jitsi(_texts(*_SOURCES)),
    }


def _is_jitsis(name: str) -> bool:
    return name.startswith("jitsi-") or name in ("jicofo", "prosody")


def _texts(*patterns: str) -> dict[str, str]:
    paths = [path for pattern in patterns for path in sorted(glob.glob(pattern)) if os.path.isfile(path)]
    return {path: read_text(path) for path in paths}


def _text(path: str) -> str | None:
    return _texts(path).get(path)


def _site(name: str) -> dict[str, Any]:
    known = authentication(_texts(*_PROSODY).values(), name)
    return {
        "name": name,
        "authentication": known.method,
        "guests": list(known.guests),
        "app_id": known.app_id,
        "issuers": known.issuers,
        "audiences": known.audiences,
        **_clients(name),
    }


def _clients(name: str) -> dict[str, Any]:
    """What the site's config.js says otherwise than that of its package."""
    text = read_text(f"{_MEET}/{name}{_ENDING}")
    original = _text(_ORIGINAL)
    try:
        stun = settings(text).get(_STUN)
        servers, others = stun_servers(stun.value if stun is not None and stun.is_plain else [])
        changed = changes(text, original.replace(_EXAMPLE, name)) if original is not None else []
        problem = ""
    except CoreError as error:
        servers, others, changed, problem = [], 0, [], str(error)
    return {
        "stun": {"servers": servers, "others": others},
        "changes": [each.data() for each in changed],
        "has_original": original is not None,
        "problem": problem,
    }


def _bridge() -> dict[str, Any]:
    files = Files(*(_text(f"{_BRIDGE}/{name}") for name in ("sip-communicator.properties", "jvb.conf", "config")))
    report = judge(files, Wish("", []))
    kept = kept_settings(files.properties, files.hocon, report.reads)
    return {
        "reads": list(report.reads),
        "mappings": [{"local": local, "public": public} for local, public in report.mappings],
        "stun": list(report.stun),
        "port": report.port,
        "tcp_port": kept.tcp_port,
        "properties": dict(kept.properties),
        "hocon": dict(kept.hocon),
        "problems": dict(kept.problems),
    }
