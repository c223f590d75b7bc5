# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Jitsi site is adopted, and which systems are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .model import AdoptError, Seen, System


def choose(host: Seen, proxy: Seen, jitsi: Seen, bridges: Sequence[Seen], wanted: str) -> System:
    """Return the system with its site.

    :param wanted: the name of the site, empty if there is only one.
    :raises AdoptError: if there is none, if there are several, or if this collection set the system up.
    """
    found = jitsi.found["jitsi"]
    _refuse_own(jitsi.machine, found["marks"])
    sites = {str(site["name"]): site for site in found["sites"]}
    if not sites:
        raise AdoptError(
            f"No Jitsi Meet is on {jitsi.machine}: it has no file /etc/jitsi/meet/FQDN-config.js; put the one that has"
            " it into the group jitsi"
        )
    _refuse_bridges(bridges)
    if not proxy.found["proxy"]["installed"]:
        raise AdoptError(f"No Apache is on {proxy.machine}; put the machine that has it into the group reverse_proxy")
    return System(host, proxy, jitsi, _site(sites, wanted, jitsi.machine), tuple(bridges))


def _site(sites: Mapping[str, Mapping[str, Any]], wanted: str, machine: str) -> Mapping[str, Any]:
    if wanted and wanted not in sites:
        names = ", ".join(sites)
        raise AdoptError(f"adopt_fqdn: {wanted!r} is no site of {machine}, which has {names}; pass one of these")
    if not wanted and len(sites) > 1:
        names = ", ".join(sites)
        raise AdoptError(f"{machine} has several sites, {names}; pass -e adopt_fqdn=NAME with one of them")
    return sites[wanted or next(iter(sites))]


def _refuse_own(machine: str, marks: Sequence[str]) -> None:
    if marks:
        raise AdoptError(
            f"{machine} was set up by selfhosted.jitsi.site, as {marks[0]} shows; its inventory exists already, so use"
            " that one"
        )


def _refuse_bridges(bridges: Sequence[Seen]) -> None:
    for bridge in bridges:
        if not bridge.found["jitsi"]["bridge"]["reads"]:
            raise AdoptError(
                f"No videobridge is on {bridge.machine}: /etc/jitsi/videobridge has no settings; take the machine out"
                " of the group videobridge"
            )
