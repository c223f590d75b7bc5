# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the arguments about the TURN server of the role jitsi_meet are valid."""

from __future__ import annotations

import re
from typing import Iterator

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.values import PATH, Values, ports, quoted
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._releases.jitsi import asks_for_turn

PORTS = {"jitsi_meet_coturn_port": 3478, "jitsi_meet_coturn_tls_port": 5349}
RANGE = re.compile(r"([0-9]{4,5})-([0-9]{4,5})")
CERTIFICATES = {
    "jitsi_meet_coturn_certificate": "/etc/ssl/jitsi.example.org.crt",
    "jitsi_meet_coturn_certificate_key": "/etc/ssl/jitsi.example.org.key",
}


def judge(values: Values) -> Iterator[str]:
    """The problems, each as a sentence."""
    if values["jitsi_meet_coturn"]:
        yield from _server(values)
    for name, example in CERTIFICATES.items():
        if not PATH.fullmatch(values[name]):
            yield (
                f"{name}: {quoted(values[name])} is not an absolute path. Write for example {example}, or leave it "
                "empty. Blanks, line ends, quotes, backslashes and dollar signs are not allowed."
            )


def _server(values: Values) -> Iterator[str]:
    if values["jitsi_meet_turnserver"]:
        yield (
            "jitsi_meet_turnserver: true cannot be combined with jitsi_meet_coturn: true. "
            "Set jitsi_meet_turnserver to false; this role then configures coturn itself."
        )
    if not asks_for_turn(values["jitsi_meet_version"]):
        yield (
            f"jitsi_meet_version: clients of '{values['jitsi_meet_version']}' ask prosody for no TURN server. "
            "Choose a release after 2020, or set jitsi_meet_coturn to false."
        )
    yield from ports(values, PORTS)
    if not _is_range(values["jitsi_meet_coturn_relay_ports"]):
        yield (
            f"jitsi_meet_coturn_relay_ports: {quoted(values['jitsi_meet_coturn_relay_ports'])} is not a range of "
            "ports from 1024 to 65535. Write for example 49160-49200."
        )
    certificate, key = (values[name] for name in CERTIFICATES)
    if (certificate == "") != (key == ""):
        yield (
            f"jitsi_meet_coturn_certificate: {quoted(certificate)} and jitsi_meet_coturn_certificate_key: "
            f"{quoted(key)} belong together. Set both paths, or leave both empty."
        )


def _is_range(text: str) -> bool:
    found = RANGE.fullmatch(text)
    return found is not None and 1023 < int(found[1]) <= int(found[2]) < 65536
