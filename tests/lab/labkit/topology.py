"""Which machines there are, what is on them, and how they are cabled."""

from __future__ import annotations

import os
from dataclasses import dataclass

PUBLIC_NETWORK_PREFIX = 24
INTERNET_ADDRESS = "198.51.100.20"
PUBLIC_ADDRESS = "198.51.100.10"
MACHINE_ADDRESS = "198.51.100.1"
GUEST_GATEWAY = "192.168.122.1"

#: Names that the lab's own DNS server answers.
NAMES = {
    "jitsi.test": PUBLIC_ADDRESS,
    "other.test": PUBLIC_ADDRESS,
    "www.other.test": PUBLIC_ADDRESS,
    "meet.test": PUBLIC_ADDRESS,
    "packages.test": INTERNET_ADDRESS,
    "acme.test": INTERNET_ADDRESS,
}

BASE_PACKAGES = [
    "apt-utils",
    "ca-certificates",
    "dbus",
    "iproute2",
    "iputils-ping",
    "kmod",
    "netbase",
    "openssh-server",
    "procps",
    "python3",
    "python3-apt",
    "sudo",
    "systemd",
    "systemd-sysv",
]
HOST_PACKAGES = [
    "conntrack",
    "dnsmasq-base",
    "iptables",
    "libvirt-clients",
    "libvirt-daemon-config-network",
    "libvirt-daemon-system",
    "tcpdump",
]
INTERNET_PACKAGES = ["curl", "dnsmasq", "openssl", "pebble", "python3-websocket", "tcpdump"]


@dataclass(frozen=True)
class Machine:
    """One container: its role's name, its image, and its address among the guests if it is one."""

    role: str
    image: str
    guest_address: str = ""
    privileged: bool = False

    @property
    def is_guest(self) -> bool:
        """Guests hang on the host's bridge and have no other network."""
        return bool(self.guest_address)


INTERNET = Machine("internet", "internet")
HOST = Machine("host", "host", privileged=True)
#: A further machine for a bridge alone, where JITSI_LAB_BRIDGES asks for it; other labs do not pay for it.
BRIDGES = (Machine("bridge", "guest", "192.168.122.121"),) if os.environ.get("JITSI_LAB_BRIDGES") else ()
GUESTS = (
    Machine("proxy", "guest", "192.168.122.100"),
    Machine("jitsi", "guest", "192.168.122.120"),
    Machine("other", "guest", "192.168.122.110"),
    *BRIDGES,
)
MACHINES = (INTERNET, HOST, *GUESTS)

IMAGES = {
    "guest": BASE_PACKAGES,
    "host": BASE_PACKAGES + HOST_PACKAGES,
    "internet": BASE_PACKAGES + INTERNET_PACKAGES,
}
