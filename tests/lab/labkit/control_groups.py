"""Control groups: each machine's systemd needs some that no other machine's has.

Where they are shared, a systemd takes the groups of others away while their units start.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from .command import run
from .errors import LabError

ROOT = Path("/sys/fs/cgroup")
UNIFIED = ROOT / "unified"
#: Those that systemd works with: the only one of today's kind, and its own one of the earlier kind.
_OF_SYSTEMD = ("", "name=systemd")


def mount_unified(say: Callable[[str], None]) -> None:
    """Have the one hierarchy of today's kind where container runtimes look for it beside those of the earlier kind.

    A container on a machine with the earlier kind lacks it.
    """
    if (ROOT / "cgroup.controllers").exists() or os.path.ismount(UNIFIED):
        return
    say(f"mounting control groups at {UNIFIED}, so that each machine has its own")
    UNIFIED.mkdir(exist_ok=True)
    run("mount", "-t", "cgroup2", "cgroup2", UNIFIED)


def require_apart(pids: Sequence[int]) -> None:
    """Require that the first processes of the machines are in different groups.

    :raises LabError: if they are not.
    """
    texts = [Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8") for pid in pids]
    for hierarchy in _OF_SYSTEMD:
        groups = [group for text in texts for group in _groups(text, hierarchy)]
        if len(set(groups)) < len(groups):
            raise LabError(f"machines of the lab share the control group {groups[0]}: their units would fail by chance")


def _groups(text: str, hierarchy: str) -> list[str]:
    lines = (line.split(":", 2) for line in text.splitlines())
    return [path for _number, controllers, path in lines if controllers == hierarchy]
