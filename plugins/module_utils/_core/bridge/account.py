# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which account a videobridge logs in with: found in what it reads, as it finds it."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from ..errors import CoreError

_LEGACY = "org.jitsi.videobridge.xmpp.user."
_NEEDED = ("HOSTNAME", "USERNAME", "PASSWORD", "MUC_JIDS", "MUC_NICKNAME")

# Settings in capitals, by the name of the connection.
Connections = Dict[str, Dict[str, str]]


def account_of(properties: Mapping[str, str], hocon: Mapping[str, Any], domain: str) -> dict[str, str]:
    """The account in a domain: username, password and muc_jids.

    :param properties: what sip-communicator.properties says.
    :param hocon: what jvb.conf says.
    :raises CoreError: if there is none; the text holds no secret.
    """
    found = _complete_entries(properties, hocon)
    for account in accounts_of(properties, hocon, domain):
        return account
    domains = ", ".join(sorted(_domain(entry) for entry in found.values()))
    others = f"there are only accounts for {domains}" if domains else "there is no other account either"
    raise CoreError(f"no complete XMPP account for {domain}; {others}")


def accounts_of(properties: Mapping[str, str], hocon: Mapping[str, Any], domain: str) -> list[dict[str, str]]:
    """All accounts in a domain, each with username, password and muc_jids; without an error if there is none."""
    return [
        {name.lower(): entry[name] for name in ("USERNAME", "PASSWORD", "MUC_JIDS")}
        for entry in _complete_entries(properties, hocon).values()
        if _domain(entry).lower() == domain.lower()
    ]


def rooms_of(properties: Mapping[str, str], hocon: Mapping[str, Any]) -> list[str]:
    """Where a bridge goes and what it is called there, each as room@host/name, without any secret."""
    return [
        f"{room.strip()}/{entry['MUC_NICKNAME']}"
        for entry in _complete_entries(properties, hocon).values()
        for room in entry["MUC_JIDS"].split(",")
        if room.strip()
    ]


def domains_of(properties: Mapping[str, str], hocon: Mapping[str, Any]) -> dict[str, str]:
    """The domain in which each connection logs in, in lower case, by the connection's name."""
    return {name: _domain(entry).lower() for name, entry in _complete_entries(properties, hocon).items()}


def _complete_entries(properties: Mapping[str, str], hocon: Mapping[str, Any]) -> Connections:
    old = {name: entry for name, entry in _old(properties).items() if _complete(entry)}
    # One complete entry in the properties makes the bridge ignore all of jvb.conf.
    return old or {name: entry for name, entry in _new(hocon).items() if _complete(entry)}


def _domain(entry: Mapping[str, str]) -> str:
    return entry.get("DOMAIN", entry["HOSTNAME"])


def _complete(entry: Mapping[str, str]) -> bool:
    return all(entry.get(name) for name in _NEEDED)


def _old(properties: Mapping[str, str]) -> Connections:
    result: Connections = {}
    for key, value in properties.items():
        name, dot, setting = key[len(_LEGACY) :].partition(".") if key.startswith(_LEGACY) else ("", "", "")
        if dot:
            result.setdefault(name, {})[setting.upper()] = value
    return result


def _new(hocon: Mapping[str, Any]) -> Connections:
    found: Any = hocon
    for name in ("videobridge", "apis", "xmpp-client", "configs"):
        found = found.get(name) if isinstance(found, Mapping) else None
    entries = found.items() if isinstance(found, Mapping) else ()
    return {
        str(name): {str(setting).upper(): str(value) for setting, value in entry.items()}
        for name, entry in entries
        if isinstance(entry, Mapping)
    }
