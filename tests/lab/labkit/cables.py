"""Cables: veth pairs between the containers' own network namespaces, and one to this machine for a person's curl."""

from __future__ import annotations

import json
import time

from . import topology
from .command import run, succeeds
from .containers import Containers
from .errors import LabError
from .topology import GUESTS, HOST, INTERNET, Machine

BRIDGE = "virbr0"
SEGMENT = "internet"
PORT_SECONDS = 15


def _ip(pid: int, *words: object) -> str:
    return run("nsenter", "--target", pid, "--net", "ip", *words)


def _has(pid: int, interface: str) -> bool:
    return succeeds("nsenter", "--target", pid, "--net", "ip", "link", "show", interface)


def _connect(pid: int, interface: str, other_pid: int, other_interface: str) -> None:
    """A cable between two namespaces, unless it is there; half a cable cannot exist, both ends die together."""
    if not _has(pid, interface):
        ends = ("name", interface, "netns", pid, "type", "veth", "peer", "name", other_interface, "netns", other_pid)
        run("ip", "link", "add", *ends)
    _ip(pid, "link", "set", interface, "up")
    _ip(other_pid, "link", "set", other_interface, "up")


def _hardware_address(address: str) -> str:
    """One that follows from the IPv4 address: a machine that was replaced is found by its neighbours at once."""
    return ":".join(["52", "54", *(f"{int(number):02x}" for number in address.split("."))])


def plug_internet(containers: Containers) -> None:
    """The Internet is a bridge in the internet container; the host's uplink hangs on it."""
    internet, host = containers.pids(INTERNET, HOST)
    if not _has(internet, SEGMENT):
        _ip(internet, "link", "add", SEGMENT, "type", "bridge", "forward_delay", 0)
    _ip(internet, "link", "set", SEGMENT, "address", _hardware_address(topology.INTERNET_ADDRESS))
    prefix = topology.PUBLIC_NETWORK_PREFIX
    _ip(internet, "address", "replace", f"{topology.INTERNET_ADDRESS}/{prefix}", "dev", SEGMENT)
    _ip(internet, "link", "set", SEGMENT, "up")
    _connect(host, "uplink", internet, "to-host")
    _ip(host, "link", "set", "uplink", "address", _hardware_address(topology.PUBLIC_ADDRESS))
    _ip(internet, "link", "set", "to-host", "master", SEGMENT)
    _ip(host, "address", "replace", f"{topology.PUBLIC_ADDRESS}/{prefix}", "dev", "uplink")


def _port(guest: Machine) -> str:
    return f"vnet-{guest.role}"


def unplug_guest(containers: Containers, guest: Machine) -> None:
    """Take the cable away at once; the kernel takes its time when a network goes with its machine."""
    host = containers.pid(HOST)
    if _has(host, _port(guest)):
        _ip(host, "link", "delete", _port(guest))


def plug_guest(containers: Containers, guest: Machine) -> None:
    """A guest hangs on libvirt's bridge, as a virtual machine's tap device would; it need not have booted yet."""
    host, pid = containers.pids(HOST, guest)
    port = _port(guest)
    # With its spanning tree the bridge keeps every new port waiting for four seconds.
    _ip(host, "link", "set", BRIDGE, "type", "bridge", "stp_state", 0)
    _connect(pid, "eth0", host, port)
    _ip(pid, "link", "set", "eth0", "address", _hardware_address(guest.guest_address))
    _ip(host, "link", "set", port, "master", BRIDGE)
    _ip(pid, "address", "replace", f"{guest.guest_address}/24", "dev", "eth0")
    _ip(pid, "route", "replace", "default", "via", topology.GUEST_GATEWAY)


def _address_taken() -> bool:
    """Whether this machine is in the lab's public network already: another lab's cable, or a real network."""
    addresses = json.loads(run("ip", "-json", "-4", "address", "show"))
    locals_ = [entry["local"] for link in addresses for entry in link.get("addr_info", ())]
    return any(address.startswith(topology.MACHINE_ADDRESS.rsplit(".", 1)[0] + ".") for address in locals_)


def _machine_interface(containers: Containers) -> str:
    """The kernel allows 15 characters."""
    return containers.settings.name[:15]


def machine_is_plugged(containers: Containers) -> bool:
    return succeeds("ip", "link", "show", _machine_interface(containers))


def plug_machine(containers: Containers) -> bool:
    """A cable from this machine to the lab's Internet; False when another lab has it."""
    interface = _machine_interface(containers)
    if machine_is_plugged(containers):
        return True
    if _address_taken():
        return False
    internet = containers.pid(INTERNET)
    ends = ("name", interface, "type", "veth", "peer", "name", "to-machine", "netns", internet)
    run("ip", "link", "add", *ends)
    _ip(internet, "link", "set", "to-machine", "master", SEGMENT, "up")
    run("ip", "address", "add", f"{topology.MACHINE_ADDRESS}/{topology.PUBLIC_NETWORK_PREFIX}", "dev", interface)
    run("ip", "link", "set", interface, "up")
    return True


def plug_guests(containers: Containers) -> None:
    for guest in GUESTS:
        plug_guest(containers, guest)
        containers.execute(guest, "sh", "-c", "cat > /etc/resolv.conf", stdin=f"nameserver {topology.GUEST_GATEWAY}\n")
    # What the host learned of machines that are gone is forgotten.
    _ip(containers.pid(HOST), "neighbour", "flush", "dev", BRIDGE)
    wait_for_ports(containers)


def wait_for_ports(containers: Containers) -> None:
    """Wait until the bridge forwards for every guest: until then a packet is lost without a word."""
    deadline = time.monotonic() + PORT_SECONDS
    states: list[str] = []
    while time.monotonic() < deadline:
        ports = json.loads(_ip(containers.pid(HOST), "-json", "-details", "link", "show", "master", BRIDGE))
        states = [port["linkinfo"]["info_slave_data"]["state"] for port in ports]
        if states == ["forwarding"] * len(GUESTS):
            return
        time.sleep(0.1)
    raise LabError(f"the ports of {BRIDGE} did not all forward within {PORT_SECONDS} s: {', '.join(states)}")
