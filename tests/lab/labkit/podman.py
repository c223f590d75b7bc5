"""podman, told what this machine can do."""

from __future__ import annotations

import os
import resource
import shutil
from pathlib import Path

from .command import run, succeeds
from .errors import LabError
from .settings import Settings

RUNTIMES = ("crun", "runc")
#: Parts of the machine's process limit to try: some machines let a container have less than they have themselves.
SHARES = (1, 2, 4, 8)
PROBE_IMAGE_ARGUMENTS = ("--rm", "--network", "none", "--pull", "never")


def _limits(share: int) -> str:
    """The machine's own hard limits, divided; a container may not raise one, and podman's defaults do."""
    parts = []
    for name, number, wish in (("nofile", resource.RLIMIT_NOFILE, 1048576), ("nproc", resource.RLIMIT_NPROC, 65536)):
        hard = resource.getrlimit(number)[1]
        limit = wish if hard == resource.RLIM_INFINITY else min(wish, hard // share if name == "nproc" else hard)
        parts.append(f'"{name}={limit}:{limit}"')
    return ", ".join(parts)


def _write_configuration(path: Path, runtime: str, share: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'[containers]\ndefault_ulimits = [{_limits(share)}]\n\n[engine]\nruntime = "{runtime}"\n')


class Podman:
    """The container engine, with a configuration file of the lab's own."""

    def __init__(self, settings: Settings) -> None:
        self.configuration = settings.state / "containers.conf"
        installed = [name for name in RUNTIMES if shutil.which(name)]
        if not shutil.which("podman") or not installed:
            raise LabError("podman and runc (or crun) are needed: install them, or run `make demo`, which does")
        if not self.configuration.exists():
            _write_configuration(self.configuration, installed[0])

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "CONTAINERS_CONF": str(self.configuration)}

    def __call__(self, *arguments: object, stdin: str | bytes | None = None) -> str:
        return run("podman", *arguments, stdin=stdin, environment=self.environment)

    def succeeds(self, *arguments: object) -> bool:
        return succeeds("podman", *arguments, environment=self.environment)

    def choose_runtime(self, image: str) -> None:
        """Keep what can start a container of this image here, else try each runtime with ever lower limits."""
        trial = ("run", *PROBE_IMAGE_ARGUMENTS, image, "true")
        if self.succeeds(*trial):
            return
        for share in SHARES:
            for runtime in (name for name in RUNTIMES if shutil.which(name)):
                _write_configuration(self.configuration, runtime, share)
                if self.succeeds(*trial):
                    return
        self(*trial)  # shows why the last one cannot
