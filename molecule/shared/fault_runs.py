"""Put faults into a deployed lab: the check names each, and what it says cures it. The folder faults has the tables.

Run it with ``make faults``, or with a part of a fault's name: ``make faults FAULTS=nginx``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml
from check_runs import failed_rows
from site_runs import site

TABLES = Path(__file__).resolve().parent / "faults"
SITE = "selfhosted.jitsi.site"
#: Seconds for a command on a machine.
PATIENCE = 300


@dataclass(frozen=True)
class Fault:
    """One fault, as in a table.

    :param finding: the name of the only finding.
    :param cure: the command, on the same machine, which the remedy names; or the playbook.
    :param restore: what undoes a fault that no command can cure, and ``why`` it cannot.
    :param network_only: whether this machine's own programs do it, in the network namespace of the other one.
    :param together: faults of one group are put in at once by test_faults.py.
    """

    name: str
    machine: str
    inject: str
    finding: str
    cure: str = SITE
    restore: str = ""
    why: str = ""
    network_only: bool = False
    together: str = ""


def faults():
    """The faults of all tables."""
    return [Fault(**entry) for table in sorted(TABLES.glob("*.yml")) for entry in yaml.safe_load(table.read_text())]


def run(command):
    """Run a command, which has to go well; return what it said."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}: exit code {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


def on_machine(fault, script):
    """Run a script on the machine of a fault."""
    name = f"{os.environ['JITSI_LAB_NAME']}-{fault.machine}"
    shell = ["sh", "-euc", script]
    if fault.network_only:
        process = run(["podman", "inspect", "--format", "{{.State.Pid}}", name]).strip()
        run(["nsenter", "--target", process, "--net", *shell])
    else:
        run(["podman", "exec", name, *shell])


def findings(rows):
    """The remedies of the rows that no other row explains, by their names."""
    return {row["name"]: row["remedy"] for row in rows if not row["cause"]}


def told(rows):
    """Failed rows in a line each."""
    return "\n".join(f"    {row['name']} | {row['found']} | {row['cause'] or 'FINDING'}" for row in rows)


def put_in(group):
    """Put faults into the lab at once; return what the check does not say of them."""
    for fault in group:
        on_machine(fault, fault.inject)
    rows = failed_rows()
    named = findings(rows)
    wrong = [] if set(named) == {fault.finding for fault in group} else [f"named:\n{told(rows)}"]
    for fault in group:
        if fault.finding in named and not fault.restore and fault.cure not in named[fault.finding]:
            wrong.append(f"the remedy of {fault.name} is: {named[fault.finding]}")
    return wrong


def cure(group):
    """Do what the remedies say, or undo what they cannot; the playbook runs once."""
    for fault in group:
        if fault.restore:
            on_machine(fault, fault.restore)
        elif fault.cure != SITE:
            on_machine(fault, fault.cure)
    if any(not fault.restore and fault.cure == SITE for fault in group):
        code, said = site()
        assert code == 0, said[-3000:]


def main():
    words = sys.argv[1:]
    wanted = [fault for fault in faults() if not words or any(word in fault.name for word in words)]
    failed = 0
    for fault in wanted:
        wrong = put_in([fault])
        cure([fault])
        rows = failed_rows()
        wrong += [f"afterwards:\n{told(rows)}"] if rows else []
        failed += bool(wrong)
        if rows:
            # What one fault leaves behind is not the next one's.
            site()
        print(f"{'FAILED' if wrong else 'passed'} {fault.name}", *wrong, sep="\n  ", flush=True)
    print(
        f"===== {failed} failed, {len(wanted) - failed} passed =====" if failed else f"===== {len(wanted)} passed ====="
    )
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
