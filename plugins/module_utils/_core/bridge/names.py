# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The old and the new names of what a videobridge reads, where the old one counts if both are set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_ICE = "org.ice4j.ice.harvest."
LOCAL = f"{_ICE}NAT_HARVESTER_LOCAL_ADDRESS"
PUBLIC = f"{_ICE}NAT_HARVESTER_PUBLIC_ADDRESS"
STUN = f"{_ICE}STUN_MAPPING_HARVESTER_ADDRESSES"

PATH_OF_MAPPINGS = "ice4j.harvest.mapping.static-mappings"
PATH_OF_STUN = "ice4j.harvest.mapping.stun.addresses"

MEDIA_PORT = "org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT", "videobridge.ice.udp.port", "10000"
HEALTH_HOST = "org.jitsi.videobridge.rest.private.jetty.host", "videobridge.http-servers.private.host", "127.0.0.1"
HEALTH_PORT = "org.jitsi.videobridge.rest.private.jetty.port", "videobridge.http-servers.private.port", "8080"

#: The old name's number is in milliseconds.
HEALTH_INTERVAL = "org.jitsi.videobridge.health.INTERVAL", "videobridge.health.interval", "60 seconds"
PATH_OF_REQUIRE_STUN = "videobridge.health.require-stun"


@dataclass(frozen=True)
class Twin:
    """One setting with two names.

    :param separator: what stands between the items of the old name's list; empty for a single value.
    :param inverted: whether the old name says the opposite of the new one.
    """

    old: str
    new: str
    separator: str = ""
    inverted: bool = False

    def agrees(self, text: str, value: Any) -> bool:
        """Whether the old name's text means what a value of the new one means."""
        if self.separator:
            return isinstance(value, list) and _items(text, self.separator) == [str(item) for item in value]
        if isinstance(value, bool) or str(value).lower() in ("true", "false"):
            return (text.strip().lower() == "true") is ((str(value).lower() == "true") is not self.inverted)
        return text.strip() == str(value)


def _items(text: str, separator: str) -> list[str]:
    return [item.strip() for item in text.split(separator) if item.strip()]


TWINS = (
    Twin(STUN, PATH_OF_STUN, ","),
    Twin(f"{_ICE}DISABLE_AWS_HARVESTER", "ice4j.harvest.mapping.aws.enabled", inverted=True),
    Twin(f"{_ICE}FORCE_AWS_HARVESTER", "ice4j.harvest.mapping.aws.force"),
    Twin(f"{_ICE}ALLOWED_ADDRESSES", "ice4j.harvest.allowed-addresses", ";"),
    Twin(f"{_ICE}BLOCKED_ADDRESSES", "ice4j.harvest.blocked-addresses", ";"),
    Twin(f"{_ICE}ALLOWED_INTERFACES", "ice4j.harvest.allowed-interfaces", ";"),
    Twin(f"{_ICE}BLOCKED_INTERFACES", "ice4j.harvest.blocked-interfaces", ";"),
    Twin("org.ice4j.ipv6.DISABLED", "ice4j.harvest.use-ipv6", inverted=True),
    Twin(f"{_ICE}DISABLE_LINK_LOCAL_ADDRESSES", "ice4j.harvest.use-link-local-addresses", inverted=True),
    Twin(f"{_ICE}AbstractUdpListener.SO_RCVBUF", "ice4j.harvest.udp.receive-buffer-size"),
    Twin(MEDIA_PORT[0], MEDIA_PORT[1]),
)
