"""The lab, from the command line: `python3 tests/lab/lab.py up`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from labkit import access, cables, captures, control_groups, hints, images, packages, services
from labkit.containers import Containers
from labkit.errors import LabError
from labkit.podman import Podman
from labkit.settings import from_environment
from labkit.topology import GUESTS, HOST, MACHINES, PUBLIC_ADDRESS, Machine

ROLES = [machine.role for machine in MACHINES]


def say(text: str) -> None:
    print(f"lab: {text}", flush=True)


def _side_by_side(containers: Containers, *rows: Sequence[Callable[[Containers], None]]) -> None:
    """Take several rows of steps at once, for what they wait for is on different machines."""

    def take(row: Sequence[Callable[[Containers], None]]) -> None:
        for step in row:
            step(containers)

    with ThreadPoolExecutor(max_workers=len(rows)) as pool:
        list(pool.map(take, rows))


def up(containers: Containers) -> None:
    """Have the whole lab running, whatever was there before."""
    settings, podman = containers.settings, containers.podman
    control_groups.mount_unified(say)
    images.ensure(podman, settings.suite, say)
    podman.choose_runtime(images.tag("guest", settings.suite))
    packages.ensure(settings, say)
    states = containers.states()
    # A capture would hold the network of a machine that is replaced.
    if any(state.is_anothers for state in states.values()):
        captures.end_all(settings)
    with ThreadPoolExecutor(max_workers=len(MACHINES)) as pool:
        list(pool.map(lambda machine: containers.start(machine, states[machine], say), MACHINES))
        control_groups.require_apart(containers.pids(*MACHINES))
        list(pool.map(containers.wait_for_boot, MACHINES))
        list(pool.map(lambda machine: access.authorize(containers, machine), MACHINES))
    cables.plug_internet(containers)
    services.start_names(containers)
    _side_by_side(
        containers,
        (services.start_packages, services.start_authority),
        (services.start_libvirt, cables.plug_guests),
        (services.start_other, access.write),
    )
    say(f"{settings.name} is up: {', '.join(containers.name(machine) for machine in MACHINES)}")


def down(containers: Containers) -> None:
    """Remove the lab's containers; images and the package repository stay for the next time."""
    captures.end_all(containers.settings)
    access.close_connections()
    containers.remove_all()
    say(f"{containers.settings.name} is gone")


def clean(containers: Containers) -> None:
    """Remove the lab and, when no other lab is left that needs them, its images."""
    down(containers)
    others = containers.any_left()
    if others:
        say(f"the images stay: {', '.join(others)} use them")
        return
    images.remove_all(containers.podman)


def plug_guests(containers: Containers) -> None:
    """Hang the guests on libvirt's bridge again: a bridge that was taken away and came back has no ports."""
    cables.plug_guests(containers)


def reboot_host(containers: Containers) -> None:
    """Restart the host. The cables go with its network; no service is started from here."""
    access.close_connections()
    containers.restart(HOST)
    cables.plug_internet(containers)
    containers.wait_for_boot(HOST)
    services.wait_for_network(containers)
    cables.plug_guests(containers)
    # podman has given it another address.
    access.write(containers)


def reboot_guest(containers: Containers, guest: Machine, file: Path | None = None, everything: bool = True) -> None:
    """Restart a guest, with a capture from before its first program runs if a file is given for it."""
    access.close_connections()
    captures.end(containers, guest)
    containers.stop(guest)
    cables.unplug_guest(containers, guest)
    if file:
        captures.start(containers, guest, file, everything)
    cables.plug_guest(containers, guest)
    cables.wait_for_ports(containers)
    containers.boot(guest)
    containers.wait_for_boot(guest)


def replace_guest(containers: Containers, guest: Machine, _file: Path | None = None, _everything: bool = True) -> None:
    """Put a new machine in a guest's place. Nothing that was on the old one is left."""
    access.close_connections()
    captures.end(containers, guest)
    cables.unplug_guest(containers, guest)
    containers.remove(containers.name(guest))
    up(containers)


def machine_cable(containers: Containers) -> None:
    """Give this machine an address in the lab's Internet."""
    if not cables.plug_machine(containers):
        say("this machine is in 198.51.100.0/24 already, so the lab cannot be reached from it directly")


def status(containers: Containers) -> None:
    """Print one line for each machine."""
    for machine in MACHINES:
        address = machine.guest_address or (PUBLIC_ADDRESS if machine == HOST else "198.51.100.20")
        there = containers.podman.succeeds("container", "exists", containers.name(machine))
        say(f"{containers.name(machine):24} {address:18} {'there' if there else 'missing'}")


def show_hints(containers: Containers) -> None:
    """Say what to look at next."""
    print(hints.text(containers))


COMMANDS = {
    "up": up,
    "down": down,
    "clean": clean,
    "status": status,
    "plug-machine": machine_cable,
    "plug-guests": plug_guests,
    "reboot-host": reboot_host,
    "hints": show_hints,
}
#: What is done with one machine, and a file for its packets.
WITH_MACHINE = {
    "start-capture": captures.start,
    "end-capture": lambda containers, machine, _file, _everything: captures.end(containers, machine),
    "reboot-guest": reboot_guest,
    "replace-guest": replace_guest,
}
#: libvirt's machines alone have them.
OF_GUESTS = ("reboot-guest", "replace-guest")
#: These make machines, and so need the packages that are served to them.
WITH_PACKAGES = ("up", "check-settings", "replace-guest")


def run_command(words: argparse.Namespace) -> None:
    """Run one command; the settings are judged before anything else is touched."""
    # What only looks at a lab, or ends one, does so whatever became of the repository.
    settings = from_environment(with_repository=words.command in WITH_PACKAGES)
    if words.command == "check-settings":
        return
    if os.geteuid():
        raise LabError("the containers and their networks need root: run make as root or with sudo")
    containers = Containers(settings, Podman(settings), access.ensure_key(settings))
    if words.command in COMMANDS:
        COMMANDS[words.command](containers)
        return
    machine = next(machine for machine in MACHINES if machine.role == words.machine)
    WITH_MACHINE[words.command](containers, machine, words.file, not words.connections)


def parse() -> argparse.Namespace:
    """Only some commands have to do with one machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in (*COMMANDS, "check-settings"):
        commands.add_parser(name)
    for name in WITH_MACHINE:
        one = commands.add_parser(name)
        one.add_argument("machine", choices=[guest.role for guest in GUESTS if name in OF_GUESTS] or ROLES)
        nargs = None if name == "start-capture" else "?"
        one.add_argument("file", type=Path, help="where the packets go", nargs=nargs)
        one.add_argument("--connections", action="store_true", help="of TCP only what opens and closes connections")
    return parser.parse_args()


def main() -> int:
    words = parse()
    try:
        run_command(words)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
