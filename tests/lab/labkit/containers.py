"""The containers: started when missing, replaced when they are not this lab's own."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import images
from .errors import LabError
from .podman import Podman
from .settings import Settings
from .topology import INTERNET_ADDRESS, MACHINES, Machine

LABEL = "org.selfhosted.jitsi.lab"
RECIPE_LABEL = "org.selfhosted.jitsi.recipe"
BOOT_SECONDS = 90
CAPABILITIES = ("NET_ADMIN", "NET_RAW", "SYS_ADMIN")


@dataclass(frozen=True)
class State:
    """What bears a machine's name.

    :param status: podman's word for it, empty if there is no container.
    :param is_anothers: whether it was made by another recipe.
    """

    status: str
    is_anothers: bool


#: Say which units failed and why, and start them again.
_START_FAILED = """\
for unit in $(systemctl list-units --failed --plain --no-legend | cut -d ' ' -f 1); do
    echo "$unit"
    journalctl --no-pager --lines=15 --unit="$unit"
    systemctl restart "$unit" || systemctl show --property=Result,ExecMainStatus "$unit"
done
"""


class Containers:
    """All containers of one lab."""

    def __init__(self, settings: Settings, podman: Podman, key: str) -> None:
        self.settings = settings
        self.podman = podman
        self.key = key

    def name(self, machine: Machine) -> str:
        return f"{self.settings.name}-{machine.role}"

    def _arguments(self, machine: Machine) -> list[str]:
        arguments = ["--systemd=always", "--hostname", machine.role, "--stop-timeout", "20"]
        if machine.privileged:
            arguments.append("--privileged")
        else:
            arguments += [f"--cap-add={','.join(CAPABILITIES)}"]
        if machine.is_guest:
            arguments += ["--network", "none"]
        else:
            arguments += ["--network", "podman"]
        if machine.role == "host":
            arguments += ["--dns", INTERNET_ADDRESS]
        if machine.role == "internet":
            arguments += ["--volume", f"{self.settings.packages}:/srv/packages:ro"]
            if self.settings.repository and self.settings.repository.folder:
                arguments += ["--volume", f"{self.settings.repository.folder}:/srv/packages/repository:ro"]
        return arguments

    def _recipe(self, machine: Machine) -> str:
        """What the container is made of; a container of another recipe belongs to somebody else."""
        parts = [images.tag(machine.image, self.settings.suite), *self._arguments(machine), self.key]
        # Machines that have packages of one repository are not offered those of another.
        parts += [str(self.settings.repository)] if self.settings.repository else []
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def states(self) -> dict[Machine, State]:
        """Of each machine, the container that bears its name, as podman lists them all at once."""
        listed = json.loads(self.podman("ps", "--all", "--format", "json"))
        found = {name: entry for entry in listed for name in entry["Names"]}
        states = {}
        for machine in MACHINES:
            entry = found.get(self.name(machine), {"State": "", "Labels": None})
            recipe = (entry["Labels"] or {}).get(RECIPE_LABEL, "")
            states[machine] = State(entry["State"], bool(entry["State"]) and recipe != self._recipe(machine))
        return states

    def start(self, machine: Machine, state: State, say: Callable[[str], None]) -> None:
        """Have the container running, made by this lab's recipe.

        :param state: what is there now.
        """
        status = state.status
        if state.is_anothers:
            other = "another clone, another repository or an earlier version of the lab"
            say(f"replacing {self.name(machine)}: it is of {other}")
            self.remove(self.name(machine))
            status = ""
        if status == "running":
            return
        if status in ("exited", "created", "stopped", "configured"):
            self.podman("start", self.name(machine))
            return
        if status:
            self.remove(self.name(machine))
        labels = ["--label", f"{LABEL}={self.settings.name}", "--label", f"{RECIPE_LABEL}={self._recipe(machine)}"]
        image = images.tag(machine.image, self.settings.suite)
        self.podman("run", "--detach", "--name", self.name(machine), *labels, *self._arguments(machine), image)

    def restart(self, machine: Machine) -> None:
        """Stop and start it, as a reboot does: what was only in the kernel or in /run is gone."""
        self.podman("restart", "--time", "20", self.name(machine))

    def stop(self, machine: Machine) -> None:
        """Stop it; then have its network again, in which nothing runs before `boot`."""
        self.podman("stop", "--time", "20", self.name(machine))
        self.podman("init", self.name(machine))

    def boot(self, machine: Machine) -> None:
        self.podman("start", self.name(machine))

    def remove(self, *names: str) -> None:
        """Remove containers at once, if they are there. What they would write while they end goes with them."""
        self.podman("rm", "--force", "--ignore", "--volumes", "--time", "0", *names)

    def remove_all(self) -> None:
        """Remove what bears a name or the label of this lab."""
        listed = self.podman("ps", "--all", "--filter", f"label={LABEL}={self.settings.name}", "--format", "{{.Names}}")
        self.remove(*sorted({*listed.split(), *(self.name(machine) for machine in MACHINES)}))

    def any_left(self) -> list[str]:
        """Names of the containers of any lab on this machine."""
        return self.podman("ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}").split()

    def pids(self, *machines: Machine) -> list[int]:
        """The first process of each."""
        names = [self.name(machine) for machine in machines]
        return [int(pid) for pid in self.podman("inspect", "--format", "{{.State.Pid}}", *names).split()]

    def pid(self, machine: Machine) -> int:
        return self.pids(machine)[0]

    def execute(self, machine: Machine, *words: object, stdin: str | bytes | None = None) -> str:
        return self.podman("exec", "--interactive", self.name(machine), *words, stdin=stdin)

    def copy(self, machine: Machine, source: Path, target: str) -> None:
        self.podman("cp", source, f"{self.name(machine)}:{target}")

    def wait_for_boot(self, machine: Machine) -> None:
        """Wait until systemd has started everything. A unit that fails is started once more, and then named.

        Two machines that boot at once may both register a binary format, and the kernel takes it from one of them.
        """
        deadline = time.monotonic() + BOOT_SECONDS
        # As long as there is no bus to ask, it ends at once.
        ask = f"timeout {BOOT_SECONDS} systemctl is-system-running --wait || true"
        state, said = "unknown", ""
        while time.monotonic() < deadline:
            try:
                state = self.execute(machine, "sh", "-c", ask).strip() or state
            except LabError:
                state = "starting"
            if state == "running":
                return
            if state == "degraded":
                if said:
                    raise LabError(f"{self.name(machine)} booted, but units failed:\n{said}")
                said = self.execute(machine, "sh", "-c", _START_FAILED)
            time.sleep(0.3)
        raise LabError(f"{self.name(machine)} did not boot in {BOOT_SECONDS} s: systemd says {state!r}")
