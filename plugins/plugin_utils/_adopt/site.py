# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide what the inventory of a system is."""

from __future__ import annotations

from dataclasses import dataclass, field

from .addresses import LOCAL, NETWORK, PROXY, decide_addresses
from .clients import decide_clients
from .forwards import decide_forwards
from .jitsi import decide_bridge, decide_further, decide_packages
from .model import Findings, Remark, Setting, System
from .sites import decide_sites
from .users import decide_users

FQDN = "jitsi_meet_fqdn"


@dataclass(frozen=True)
class Adopted:
    """The variables of a site.

    :param of_machines: the variables of single machines, by their names.
    """

    fqdn: str
    settings: list[Setting]
    remarks: list[Remark]
    of_machines: dict[str, list[Setting]] = field(default_factory=dict)


def adopt(system: System) -> Adopted:
    """Return the variables that the roles need for this system, and remarks about what they cannot express."""
    comment = f"As /etc/jitsi/meet on {system.jitsi.machine} shows"
    findings = Findings([Setting(FQDN, system.fqdn, comment)])
    findings.add(decide_addresses(system))
    proxy, local, network = (str(findings.value(name) or "") for name in (PROXY, LOCAL, NETWORK))
    further = {bridge.machine: decide_further(bridge, network) for bridge in system.bridges}
    findings.add(decide_forwards(system, proxy, local, {address: port for _found, address, port in further.values()}))
    for part in (decide_sites(system, local), *(decide(system) for decide in _OF_JITSI)):
        findings.add(part)
    for found, _address, _port in further.values():
        findings.remarks += found.remarks
    of_machines = {machine: found.settings for machine, (found, _address, _port) in further.items()}
    return Adopted(system.fqdn, findings.settings, list(dict.fromkeys(findings.remarks)), of_machines)


_OF_JITSI = (decide_bridge, decide_clients, decide_users, decide_packages)
