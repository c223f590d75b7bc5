"""What runs in the lab besides the machines that the playbooks configure."""

from __future__ import annotations

import time

from . import topology
from .containers import Containers
from .errors import LabError
from .settings import FILES
from .topology import GUESTS, HOST, INTERNET, Machine

OTHER = next(guest for guest in GUESTS if guest.role == "other")
NETWORK_SECONDS = 30
#: Behind a command for a service: what the service said, where the command fails.
LAST_WORDS = "|| {{ journalctl --no-pager --lines=15 --unit={name} >&2; exit 1; }}"


def _unit(containers: Containers, machine: Machine, name: str) -> None:
    unit = (FILES / machine.role / f"{name}.service").read_bytes()
    start = f"systemctl daemon-reload && systemctl enable --now --quiet {name}.service {LAST_WORDS.format(name=name)}"
    containers.execute(machine, "sh", "-c", f"cat > /etc/systemd/system/{name}.service && {start}", stdin=unit)


def start_names(containers: Containers) -> None:
    """The lab's DNS server; what it does not know it asks of the servers that podman gave the container."""
    resolvers = containers.execute(INTERNET, "cat", "/etc/resolv.conf")
    if "nameserver 127.0.0.1" not in resolvers:
        ask_itself = "cat > /etc/resolv.upstream && echo 'nameserver 127.0.0.1' > /etc/resolv.conf"
        containers.execute(INTERNET, "sh", "-c", ask_itself, stdin=resolvers)
    records = "".join(f"host-record={name},{address}\n" for name, address in topology.NAMES.items())
    own = f"bind-dynamic\nno-hosts\nresolv-file=/etc/resolv.upstream\nlocal=/test/\n{records}"
    last_words = LAST_WORDS.format(name="dnsmasq")
    restart = f"cat > /etc/dnsmasq.d/lab.conf && systemctl restart dnsmasq.service {last_words}"
    containers.execute(INTERNET, "sh", "-c", restart, stdin=own)
    containers.execute(HOST, "sh", "-c", "cat > /etc/resolv.conf", stdin=f"nameserver {topology.INTERNET_ADDRESS}\n")


def start_packages(containers: Containers) -> None:
    _unit(containers, INTERNET, "packages")


def start_authority(containers: Containers) -> None:
    """An authority that speaks ACME (pebble); nobody trusts the certificate of its directory."""
    containers.copy(INTERNET, FILES / "internet" / "authority.json", "/srv/authority.json")
    containers.copy(INTERNET, FILES / "internet" / "authority-certificate", "/srv/authority-certificate")
    _unit(containers, INTERNET, "authority")


def start_libvirt(containers: Containers) -> None:
    """Real libvirtd with its network `default`, up after each boot as on a user's host."""
    containers.execute(HOST, "systemctl", "enable", "--now", "--quiet", "libvirtd.service")
    active = containers.execute(HOST, "virsh", "--quiet", "net-list", "--name").split()
    if "default" not in active:
        containers.execute(HOST, "virsh", "--quiet", "net-start", "default")
    containers.execute(HOST, "virsh", "--quiet", "net-autostart", "default")


def wait_for_network(containers: Containers) -> None:
    """Wait until libvirt has started its network by itself, as it does at boot; nothing is started from here."""
    deadline = time.monotonic() + NETWORK_SECONDS
    while time.monotonic() < deadline:
        # libvirt answers only when its drivers are ready.
        if "default" in containers.execute(HOST, "virsh", "--quiet", "net-list", "--name").split():
            return
        time.sleep(0.2)
    raise LabError(f"libvirt did not start its network within {NETWORK_SECONDS} s after the boot")


def start_other(containers: Containers) -> None:
    """Another service behind the same proxy, as there was one in the article."""
    containers.copy(OTHER, FILES / "other" / "service.py", "/srv/service.py")
    _unit(containers, OTHER, "other")
