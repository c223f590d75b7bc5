# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the Jitsi machine: its bridge and its packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.repositories import FLAT_SUITE

from .model import BEFORE, Findings, Remark, Seen, Setting, System

PROPERTIES, HOCON, PORT = "jitsi_meet_properties", "jitsi_meet_hocon", "jitsi_meet_bridge_port"
_USUAL_PORT = 10000
#: What Debian's installer writes.
_MAIN_LIST = "/etc/apt/sources.list"
_USUAL_REPOSITORY = ("https://download.jitsi.org", "stable/")


def decide_bridge(system: System) -> Findings:
    """Return the settings of the Jitsi machine's own bridge."""
    findings, bridge, machine = Findings(), system.bridge, system.jitsi.machine
    if not bridge["reads"]:
        what = "The videobridge has no settings in /etc/jitsi/videobridge"
        findings.remarks.append(Remark(machine, what, "See that jitsi-videobridge2 is installed there"))
        return findings
    findings.remarks += _problems(bridge["problems"], machine, (PORT, PROPERTIES, HOCON))
    if bridge["port"] not in (0, _USUAL_PORT):
        findings.settings.append(Setting(PORT, bridge["port"], "The UDP port of the videobridge"))
    for name, variable in (("properties", PROPERTIES), ("hocon", HOCON)):
        if bridge[name]:
            listed = [{"key": key, "value": value} for key, value in bridge[name].items()]
            findings.settings.append(Setting(variable, listed, f"Set by hand in {_file(name)} on {machine}"))
    if bridge["stun"]:
        servers = ", ".join(bridge["stun"])
        what = f"The videobridge asks {servers} for its address"
        findings.remarks.append(Remark(machine, what, "Nothing; the first run switches this off"))
    return findings


def _problems(problems: Mapping[str, str], machine: str, variables: tuple[str, str, str]) -> Iterator[Remark]:
    """Name the files of a bridge that cannot be read.

    :param variables: those of the port, of the properties and of jvb.conf.
    """
    port, properties, hocon = variables
    for file, problem in problems.items():
        what = f"/etc/jitsi/videobridge/{file} cannot be read ({problem}), so that its settings are not in this file"
        variable = properties if file == _file("properties") else hocon
        remedy = f"Set {port} to the bridge's UDP port, and {variable} to what else you changed there; a run sets"
        yield Remark(machine, what, f"{remedy} port {_USUAL_PORT} otherwise", port, BEFORE)


def _file(name: str) -> str:
    return "sip-communicator.properties" if name == "properties" else "jvb.conf"


def decide_packages(system: System) -> Findings:
    """Return where Jitsi's packages come from, and what a run would take away otherwise."""
    findings, machine = Findings(), system.jitsi.machine
    found = system.jitsi.found["jitsi"]
    if "jitsi-meet-turnserver" in found["packages"]:
        comment = f"The package jitsi-meet-turnserver is on {machine}"
        findings.settings.append(Setting("jitsi_meet_turnserver", True, comment))
    findings.add(_repository([source for source in found["sources"] if source["used"]], machine))
    is_alone = {source["file"]: source["alone"] and source["file"] != _MAIN_LIST for source in found["sources"]}
    for file, can_go in is_alone.items():
        what = f"{file} names the repository of Jitsi's packages, and the first run creates its own"
        remedy = "Remove the file" if can_go else "Remove only the lines of this repository, and keep the file"
        findings.remarks.append(Remark(machine, what, f"{remedy}; the packages stay", when=BEFORE))
    return findings


def _repository(sources: Sequence[Mapping[str, str]], machine: str) -> Findings:
    findings = Findings()
    found = list(dict.fromkeys((source["uri"], source["suite"]) for source in sources))
    if len(found) > 1:
        named = " and ".join(f"{uri} {suite}" for uri, suite in found)
        what = f"Jitsi's packages have two repositories, {named}"
        findings.remarks.append(Remark(machine, what, "Check which is right; the inventory has the first one"))
    uri, suite = found[0] if found else _USUAL_REPOSITORY
    if uri != _USUAL_REPOSITORY[0]:
        findings.add(_other_repository(uri, machine))
    if not FLAT_SUITE.fullmatch(suite):
        what = f"{uri} has the suite {suite}, and the role takes only repositories whose suite ends in a slash"
        remedy = "Name another repository with jitsi_meet_apt_uri and jitsi_meet_apt_suite"
        findings.remarks.append(Remark(machine, what, remedy, "jitsi_meet_apt_suite", BEFORE))
    elif suite != _USUAL_REPOSITORY[1]:
        findings.settings.append(Setting("jitsi_meet_apt_suite", suite, "The suite of that repository"))
    return findings


def _other_repository(uri: str, machine: str) -> Findings:
    name = "jitsi_meet_apt_key_fingerprints"
    settings = [
        Setting("jitsi_meet_apt_uri", uri, "The repository of Jitsi's packages"),
        Setting("jitsi_meet_apt_key_url", f"{uri}/KEY", "Its key", is_open=True),
        Setting(name, ["FINGERPRINT"], "The fingerprints of its key", is_open=True),
    ]
    what = f"The packages come from {uri}, and nothing says which key is right"
    return Findings(settings, [Remark(machine, what, f"Set jitsi_meet_apt_key_url and {name}", name, BEFORE)])


def decide_further(bridge: Seen, network: str) -> tuple[Findings, str, int]:
    """Return the variables of a further bridge, its address and its port."""
    found = bridge.found["jitsi"]["bridge"]
    mapped = [str(pair["local"]) for pair in found["mappings"]]
    address = bridge.address_in(network) or next(iter(mapped), "")
    port = int(found["port"] or _USUAL_PORT)
    settings = [Setting("videobridge_local_address", address, f"As {bridge.machine} itself shows")]
    if port != _USUAL_PORT:
        settings.append(Setting("videobridge_port", port, "The UDP port of its videobridge"))
    for name, variable in (("properties", "videobridge_properties"), ("hocon", "videobridge_hocon")):
        if found[name]:
            listed = [{"key": key, "value": value} for key, value in found[name].items()]
            settings.append(Setting(variable, listed, f"Set by hand in {_file(name)}"))
    variables = ("videobridge_port", "videobridge_properties", "videobridge_hocon")
    return Findings(settings, list(_problems(found["problems"], bridge.machine, variables))), address, port
