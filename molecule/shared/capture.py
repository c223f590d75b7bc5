"""What tshark sees on every interface of one of the lab's machines while something happens."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import shutil
import subprocess
from collections import namedtuple
from pathlib import Path

from lab_runs import lab
from namespaces import inside

TSHARK = shutil.which("tshark") or ""
STATE = Path(os.environ["JITSI_LAB_STATE"])
#: The network of the lab that not every machine is in itself.
GUESTS = ipaddress.ip_network("192.168.122.0/24")

Datagram = namedtuple("Datagram", "source destination port")


class Capture:
    """The packets of one capture on a machine, as tshark reads them."""

    def __init__(self, file, role):
        self.file = file
        links = subprocess.run(inside(role, ["ip", "-json", "address"]), check=True, capture_output=True)
        interfaces = [
            ipaddress.ip_interface(f"{entry['local']}/{entry['prefixlen']}")
            for link in json.loads(links.stdout)
            for entry in link["addr_info"]
        ]
        self.own = {str(interface.ip) for interface in interfaces}
        self.networks = [interface.network for interface in interfaces] + [GUESTS]

    def _fields(self, selection, *names, occurrence="f"):
        """The values of these fields in every packet of the selection; the first (or all: a) occurrences of each."""
        fields = [word for name in names for word in ("-e", name)]
        options = ["-T", "fields", "-E", f"occurrence={occurrence}", *fields]
        command = [TSHARK, "-n", "-r", str(self.file), "-Y", selection, *options]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return {tuple(line.split("\t")) for line in done.stdout.splitlines()}

    def stun(self):
        """STUN and TURN over IPv4: from where to where, without the answers' or the clients' changing ports."""
        found = self._fields("stun && ip", "ip.src", "ip.dst", "udp.dstport", "tcp.dstport")
        return {Datagram(source, destination, int(udp or tcp)) for source, destination, udp, tcp in found}

    def stun_among_participants(self):
        """Both stand in the internet container, so their packets go from its own addresses to its own addresses."""
        return {one for one in self.stun() if {one.source, one.destination} <= self.own}

    def datagrams_to(self, port):
        """From where to where datagrams went to this port over IPv4."""
        return self._fields(f"udp.dstport == {port} && ip", "ip.src", "ip.dst")

    def stun_servers(self):
        """Address and port of whom else the machine, or the participants on it, asked."""
        return {(one.destination, one.port) for one in self.stun() if one.destination not in self.own}

    def xmpp(self):
        """To which ports XMPP went."""
        return {int(port) for (port,) in self._fields("xmpp", "tcp.dstport")}

    def outside_names(self):
        """Names that DNS was asked for, but those of the lab."""
        return {name for (name,) in self._fields("dns && !mdns", "dns.qry.name") if not name.endswith(".test")}

    def addresses_of(self, name):
        """The addresses that DNS gave for a name."""
        answers = f'dns.flags.response == 1 && dns.qry.name == "{name}"'
        found = self._fields(answers, "dns.a", "dns.aaaa", occurrence="a")
        return {address for row in found for field in row for address in field.split(",") if address}

    def sent_outside(self):
        """Address, protocol and port of all that the machine sent to addresses outside the lab's networks."""
        columns = ("ip.src", "ipv6.src", "ip.dst", "ipv6.dst", "tcp.dstport", "udp.dstport")
        found = set()
        for source, source6, target, target6, tcp, udp in self._fields("ip || ipv6", *columns):
            address = ipaddress.ip_address(target or target6)
            if (source or source6) in self.own and not self._is_inside(address):
                protocol = "tcp" if tcp else "udp" if udp else "ip"
                found.add((str(address), protocol, int(tcp or udp or 0)))
        return found

    def outside(self):
        """Addresses outside the lab's networks that a packet went to."""
        pairs = self._fields("ip", "ip.dst") | self._fields("ipv6", "ipv6.dst")
        addresses = [ipaddress.ip_address(address) for (address,) in pairs]
        return {str(address) for address in addresses if not self._is_inside(address)}

    def _is_inside(self, address):
        """Whether it never leaves a link. Of IPv4, 169.254.169.254 does: clouds answer there."""
        if address.is_multicast or str(address) == "255.255.255.255":
            return True
        if address.version == 6 and address.is_link_local:
            return True
        return any(address in network for network in self.networks)


@contextlib.contextmanager
def packets(folder, role="internet"):
    """Capture while the block runs; the Capture may be read when it has ended."""
    file = folder / "packets.pcapng"
    lab("start-capture", role, file)
    try:
        yield Capture(file, role)
    finally:
        lab("end-capture", role)


def first_run_file(role):
    """Where `prepare` has the packets of a first run captured."""
    return STATE / f"first-run-{role}.pcapng"


def end_first_runs():
    """End what `prepare` began: what the tests do is no part of it."""
    for note in STATE.glob("capture-*.json"):
        lab("end-capture", note.stem.partition("-")[2])
