"""The lab, from the command line: `python3 tests/lab/lab.py up`."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from labkit import access, cables, hints, images, packages, services
from labkit.containers import Containers
from labkit.errors import LabError
from labkit.podman import Podman
from labkit.settings import from_environment
from labkit.topology import HOST, MACHINES, PUBLIC_ADDRESS


def say(text: str) -> None:
    print(f"lab: {text}", flush=True)


def up(containers: Containers) -> None:
    """Have the whole lab running, whatever was there before."""
    settings, podman = containers.settings, containers.podman
    images.ensure(podman, settings.suite, say)
    podman.choose_runtime(images.tag("guest", settings.suite))
    packages.ensure(settings, say)
    with ThreadPoolExecutor(max_workers=len(MACHINES)) as pool:
        list(pool.map(lambda machine: containers.start(machine, say), MACHINES))
        list(pool.map(containers.wait_for_boot, MACHINES))
        list(pool.map(lambda machine: access.authorize(containers, machine), MACHINES))
    cables.plug_internet(containers)
    services.start_names(containers)
    services.start_packages(containers)
    services.start_authority(containers)
    services.start_libvirt(containers)
    cables.plug_guests(containers)
    services.start_other(containers)
    access.write(containers)
    say(f"{settings.name} is up: {', '.join(containers.name(machine) for machine in MACHINES)}")


def down(containers: Containers) -> None:
    """Remove the lab's containers; images and the package repository stay for the next time."""
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


def run_command(command: str) -> None:
    """Run one command; the settings are judged before anything else is touched."""
    # What only looks at a lab, or ends one, does so whatever became of the repository.
    settings = from_environment(with_repository=command in ("up", "check-settings"))
    if command == "check-settings":
        return
    if os.geteuid():
        raise LabError("the containers and their networks need root: run make as root or with sudo")
    COMMANDS[command](Containers(settings, Podman(settings), access.ensure_key(settings)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=(*COMMANDS, "check-settings"))
    try:
        run_command(parser.parse_args().command)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
