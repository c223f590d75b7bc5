# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put faults into a deployed lab one by one: the check names each, and what it says cures it.

Run it with ``make faults``, or with a part of a fault's name: ``make faults FAULTS=nginx``. faults.yml is the table.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TABLE = Path(__file__).resolve().parent / "faults.yml"
INVENTORY = Path(os.environ["JITSI_TREE"]) / "inventory" / "lab"
SITE = "selfhosted.jitsi.site"
#: Seconds for a command on a machine.
PATIENCE = 300


@dataclass(frozen=True)
class Fault:
    """One fault, as in the table.

    :param finding: the name of the only finding.
    :param cure: the command, on the same machine, which the remedy names; or the playbook.
    :param restore: what undoes a fault that no command can cure, and ``why`` it cannot.
    :param network_only: whether this machine's own programs do it, in the network namespace of the other one.
    """

    name: str
    machine: str
    inject: str
    finding: str
    cure: str = SITE
    restore: str = ""
    why: str = ""
    network_only: bool = False


def run(command: list[str]) -> str:
    """Run a command; return what it said.

    :raises RuntimeError: if it fails.
    """
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def on_machine(fault: Fault, script: str) -> None:
    """Run a script on the machine of a fault.

    :raises RuntimeError: if it fails.
    """
    name = f"{os.environ['JITSI_LAB_NAME']}-{fault.machine}"
    shell = ["sh", "-euc", script]
    if fault.network_only:
        process = run(["podman", "inspect", "--format", "{{.State.Pid}}", name]).strip()
        run(["nsenter", "--target", process, "--net", *shell])
    else:
        run(["podman", "exec", name, *shell])


def playbook(name: str, *options: str) -> tuple[int, str]:
    """Run a playbook of the collection on the lab; return its exit code and what it said."""
    command = ["ansible-playbook", "--inventory", str(INVENTORY), name, *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def check() -> list[dict[str, Any]]:
    """Run the check; return the rows that failed."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "check.json"
        facts = json.dumps({"check_wait": 4, "check_json": str(document)})
        _code, said = playbook("selfhosted.jitsi.check", "--extra-vars", facts)
        if not document.exists():
            raise RuntimeError(f"the check wrote no results:\n{said}")
        return [row for row in json.loads(document.read_text())["rows"] if not row["ok"]]


def findings(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The remedies of the rows that no other row explains, by their names."""
    return {row["name"]: row["remedy"] for row in rows if not row["cause"]}


def apply_cure(fault: Fault) -> None:
    """Do what the remedy says."""
    if fault.restore:
        on_machine(fault, fault.restore)
    elif fault.cure == SITE:
        code, said = playbook(SITE)
        if code:
            raise RuntimeError(f"{SITE} failed:\n{said[-3000:]}")
    else:
        on_machine(fault, fault.cure)


def problems(fault: Fault) -> list[str]:
    """Put a fault into the lab, cure it, and return what the check or the cure did not do."""
    on_machine(fault, fault.inject)
    rows = check()
    named = findings(rows)
    found = [] if list(named) == [fault.finding] else [f"named {[(r['name'], r['found'], r['cause']) for r in rows]}"]
    if fault.finding in named and not fault.restore and fault.cure not in named[fault.finding]:
        found.append(f"the remedy is: {named[fault.finding]}")
    apply_cure(fault)
    left = findings(check())
    return found + ([f"afterwards: {sorted(left)}"] if left else [])


def faults(words: list[str]) -> list[Fault]:
    """The faults of the table whose name has one of these words, or all."""
    table = [Fault(**entry) for entry in yaml.safe_load(TABLE.read_text())]
    return [fault for fault in table if not words or any(word in fault.name for word in words)]


def main() -> int:
    wrong = 0
    wanted = faults(sys.argv[1:])
    for fault in wanted:
        # A fault that cannot be put in or cured ends the run: the lab is not as the next one expects it.
        said = problems(fault)
        wrong += bool(said)
        print(f"{'FAILED' if said else 'passed'} {fault.name}", *said, sep="\n    ", flush=True)
    print(f"===== {wrong} failed, {len(wanted) - wrong} passed =====" if wrong else f"===== {len(wanted)} passed =====")
    return 1 if wrong or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
