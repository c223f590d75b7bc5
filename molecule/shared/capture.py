"""What tshark sees on every interface of the internet container while something happens."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import secrets
import shutil
import subprocess
import sys
from collections import namedtuple

from machines import eventually
from namespaces import inside

TSHARK = shutil.which("tshark") or ""
#: The networks of the lab that the container is not in itself.
GUESTS = ipaddress.ip_network("192.168.122.0/24")

Datagram = namedtuple("Datagram", "source destination port")

#: A datagram to nobody, by which one knows how far the capture has come.
MARK = "import socket, sys; socket.socket(type=socket.SOCK_DGRAM).sendto(sys.argv[1].encode(), ('127.0.0.1', 9))"


class Capture:
    """The packets of one capture, as tshark reads them."""

    def __init__(self, file):
        self.file = file
        links = subprocess.run(inside("internet", ["ip", "-json", "address"]), check=True, capture_output=True)
        interfaces = [
            ipaddress.ip_interface(f"{entry['local']}/{entry['prefixlen']}")
            for link in json.loads(links.stdout)
            for entry in link["addr_info"]
        ]
        self.own = {str(interface.ip) for interface in interfaces}
        self.networks = [interface.network for interface in interfaces] + [GUESTS]

    def _fields(self, selection, *names):
        """The values of these fields in every packet of the selection; the first occurrence of each."""
        fields = [word for name in names for word in ("-e", name)]
        command = [TSHARK, "-n", "-r", str(self.file), "-Y", selection, "-T", "fields", "-E", "occurrence=f", *fields]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return {tuple(line.split("\t")) for line in done.stdout.splitlines()}

    def stun(self):
        """STUN and TURN over IPv4: from where to where, without the answers' or the clients' changing ports."""
        found = self._fields("stun && ip", "ip.src", "ip.dst", "udp.dstport", "tcp.dstport")
        return {Datagram(source, destination, int(udp or tcp)) for source, destination, udp, tcp in found}

    def stun_among_participants(self):
        """Both stand in the container, so their packets go from its own addresses to its own addresses."""
        return {one for one in self.stun() if {one.source, one.destination} <= self.own}

    def stun_servers(self):
        """Address and port of whom else the participants asked."""
        return {(one.destination, one.port) for one in self.stun() if one.destination not in self.own}

    def outside_names(self):
        """Names that DNS was asked for, but those of the lab."""
        return {name for (name,) in self._fields("dns && !mdns", "dns.qry.name") if not name.endswith(".test")}

    def outside(self):
        """Addresses outside the lab's networks that a packet went to; what never leaves a link is inside."""
        pairs = self._fields("ip", "ip.dst") | self._fields("ipv6", "ipv6.dst")
        addresses = [ipaddress.ip_address(address) for (address,) in pairs]
        return {str(address) for address in addresses if not self._is_inside(address)}

    def _is_inside(self, address):
        if address.is_multicast or address.is_link_local or str(address) == "255.255.255.255":
            return True
        return any(address in network for network in self.networks)


def _see_a_mark(file):
    """Send marks until one is in the file: from then on, or up to then, nothing is missing."""
    mark = secrets.token_hex(16)

    def is_seen():
        subprocess.run(inside("internet", [sys.executable, "-c", MARK, mark]), check=True)
        return file.exists() and mark.encode() in file.read_bytes()

    assert eventually(is_seen), "tshark saw nothing"


@contextlib.contextmanager
def packets(folder):
    """Capture while the block runs; the Capture may be read when it has ended."""
    file = folder / "packets.pcapng"
    with subprocess.Popen(inside("internet", [TSHARK, "-q", "-i", "any", "-w", str(file)])) as tshark:
        try:
            _see_a_mark(file)
            yield Capture(file)
            _see_a_mark(file)
        finally:
            tshark.terminate()
