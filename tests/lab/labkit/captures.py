"""Captures of a machine's packets, by tshark of this machine in the network of the container, until they are ended.

A capture holds its network: it has to end before the machine is restarted or removed.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .containers import Containers
from .errors import LabError
from .settings import Settings
from .topology import Machine

#: One that nobody ends ends by itself.
HOURS = 3
SECONDS = 30
#: What is looked through for a mark.
TAIL_BYTES = 4 * 1024 * 1024
#: Of TCP what opens and closes connections: their contents would fill the disk, and packages are most of them.
CONNECTIONS = "not (ip proto \\tcp) or tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0"
#: A datagram to nobody, by which one knows how far the capture has come.
MARK = "import socket, sys; socket.socket(type=socket.SOCK_DGRAM).sendto(sys.argv[1].encode(), ('127.0.0.1', 9))"


def _note(containers: Containers, machine: Machine) -> Path:
    """Where the capture that runs is written down: its process, its file and its network's process."""
    return containers.settings.state / f"capture-{machine.role}.json"


def _inside(pid: int, *words: object) -> list[str]:
    return ["nsenter", "--target", str(pid), "--net", *(str(word) for word in words)]


def _runs(process: int, file: str) -> bool:
    """Whether the process still is the capture; one that has ended and that nobody waited for has no command line."""
    try:
        return file.encode() in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(f"{what} within {SECONDS} s")
        time.sleep(0.1)


def _tail(file: Path) -> bytes:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - TAIL_BYTES))
        return opened.read()


def _see_a_mark(namespace: int, file: Path) -> None:
    """Send marks until one is in the file: from then on, or up to then, nothing is missing."""
    mark = secrets.token_hex(16)

    def is_seen() -> bool:
        subprocess.run(_inside(namespace, sys.executable, "-c", MARK, mark), check=True)
        return file.exists() and mark.encode() in _tail(file)

    _wait_for(is_seen, f"tshark wrote nothing to {file}")


def start(containers: Containers, machine: Machine, file: Path, everything: bool = True) -> None:
    """Capture on every interface of the machine, also on those that come later; return when nothing is missed."""
    program = shutil.which("tshark")
    if not program:
        raise LabError("tshark is needed to capture packets: install it, or run `make test`, which does")
    end(containers, machine)
    file.unlink(missing_ok=True)
    namespace = containers.pid(machine)
    command = [program, "-q", "-i", "any", "-a", f"duration:{HOURS * 3600}", "-w", str(file)]
    command += [] if everything else ["-f", CONNECTIONS]
    with file.with_suffix(".log").open("wb") as log:
        # In a session of its own it outlives this command.
        process = subprocess.Popen(
            _inside(namespace, *command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    note = {"process": process.pid, "file": str(file), "namespace": namespace}
    _note(containers, machine).write_text(json.dumps(note))
    _see_a_mark(namespace, file)


def _stop(process: int, file: str) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not _runs(process, file):
            return
        os.killpg(process, number)
        try:
            _wait_for(lambda: not _runs(process, file), f"tshark did not end by {number.name}")
        except LabError:
            if number == signal.SIGKILL:
                raise


def end(containers: Containers, machine: Machine) -> None:
    """End the machine's capture, if there is one, when all that was sent before is in its file."""
    note = _note(containers, machine)
    if not note.exists():
        return
    known = json.loads(note.read_text())
    try:
        if _runs(known["process"], known["file"]) and Path(f"/proc/{known['namespace']}").exists():
            _see_a_mark(known["namespace"], Path(known["file"]))
    finally:
        _stop(known["process"], known["file"])
        note.unlink()


def end_all(settings: Settings) -> None:
    """End every capture of the lab, without waiting for what is on its way."""
    for note in settings.state.glob("capture-*.json"):
        known = json.loads(note.read_text())
        _stop(known["process"], known["file"])
        note.unlink()
