# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WebSockets between clients and a videobridge: whether a bridge has them, where, and under which name in URLs."""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping

from ..hocon.text import parse_path

_REST = "org.jitsi.videobridge.rest."
#: Says the opposite of the new name.
OLD_DISABLED = f"{_REST}COLIBRI_WS_DISABLE"
ENABLED = "videobridge.websockets.enabled"
SERVER_ID = "videobridge.websockets.server-id"
DOMAINS = "videobridge.websockets.domains"
HOST = "videobridge.http-servers.public.host"
PORT = "videobridge.http-servers.public.port"

#: New names and the old ones that beat them.
NAMES = {
    ENABLED: OLD_DISABLED,
    SERVER_ID: f"{_REST}COLIBRI_WS_SERVER_ID",
    HOST: f"{_REST}jetty.host",
    PORT: f"{_REST}jetty.port",
    DOMAINS: "",
}
#: What a bridge is called that nobody gave a name. The packages' nginx knows this one alone.
USUAL_ID = "default-id"
_LEGAL_ID = re.compile(r"(?!\.+\Z)[A-Za-z0-9._-]+\Z")


def said_of_websockets(old: Mapping[str, str], new: Any) -> dict[str, Any]:
    """Of what a bridge's two files say, the settings of its WebSockets, by their old and new names."""
    found = {name: old[name] for name in NAMES.values() if name in old}
    for name in NAMES:
        value = _below(new, name.split("."))
        if value is not None:
            found[name] = value
    return found


def settled(
    said: Mapping[str, Any], hocon: Iterable[Mapping[str, Any]] = (), properties: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """What a bridge makes of its files once the user's settings are in them.

    :param said: what the files say so far.
    :param hocon: settings of jvb.conf, each of which stands for all that is below its key.
    :param properties: settings of sip-communicator.properties.
    :return: enabled, server_id, host (empty for all addresses), port (0 for none), domains, and problem: why the
        server_id cannot be in a URL.
    :raises CoreError: for a key that is no path.
    """
    values = dict(said)
    for setting in properties:
        _put(values, str(setting["key"]), _value_of(setting))
    for setting in hocon:
        path = parse_path(str(setting["key"]))
        for name in NAMES:
            names = parse_path(name)
            if path == names[: len(path)]:
                _put(values, name, _below(_value_of(setting), names[len(path) :]))
    server_id, port = str(_either(values, SERVER_ID, USUAL_ID)), str(_either(values, PORT, "")).strip()
    enabled = not _is_true(values[OLD_DISABLED]) if OLD_DISABLED in values else _is_true(values.get(ENABLED))
    return {
        "enabled": enabled,
        "server_id": server_id,
        "host": str(_either(values, HOST, "")).strip(),
        "port": int(port) if port.isdigit() else 0,
        "domains": values.get(DOMAINS) or [],
        "problem": "" if _LEGAL_ID.match(server_id) else f"{server_id!r} cannot be a part of a URL's path",
    }


def claimed_id(said_id: str, hocon: Iterable[Mapping[str, Any]], properties: Iterable[Mapping[str, Any]]) -> str:
    """The name that a bridge would have in URLs, or nothing where the user switches its WebSockets off.

    :param said_id: the name that it gets unless the user says another.
    """
    would = settled({ENABLED: True, SERVER_ID: said_id}, hocon, properties)
    return would["server_id"] if would["enabled"] else ""


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    values.pop(name, None)
    if value is not None:
        values[name] = value


def _value_of(setting: Mapping[str, Any]) -> Any:
    return setting.get("value") if setting.get("state", "present") == "present" else None


def _below(value: Any, names: Iterable[str]) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _either(values: Mapping[str, Any], name: str, usual: Any) -> Any:
    return values.get(NAMES[name], values.get(name, usual))


def _is_true(value: Any) -> bool:
    return str(value).strip().lower() in ("true", "yes", "on")
