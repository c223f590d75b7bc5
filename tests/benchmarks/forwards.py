# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What forwards cost: port_forwards against ansible.builtin.iptables in a loop, and against a task that does nothing.

All run in one network namespace that is thrown away, with real iptables, one after the other. Of each task that is
repeated the median counts. Start it with `make benchmark`, or alone as root:

    python tests/benchmarks/forwards.py [--counts 1 10 100 500 1000]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

REPEATS = 7
PUBLIC, NETWORK, GUEST = "198.51.100.10", "192.168.122.0/24", "192.168.122.100"
NOTHING, FIRST, AGAIN, LOOP_FIRST, LOOP_AGAIN = "nothing", "first", "again", "loop first", "loop again"
NAMES = (NOTHING, FIRST, AGAIN, LOOP_FIRST, LOOP_AGAIN, "warm-up", "remove")


def forwards(count: int) -> list[dict[str, object]]:
    return [{"protocol": "tcp", "port": 1024 + number, "to": GUEST} for number in range(count)]


def own(name: str, count: int, state: str = "present") -> dict:
    arguments = {"name": "bench", "public_address": PUBLIC, "network": NETWORK, "forwards": forwards(count)}
    arguments.update(public_address_elsewhere=True, state=state)
    return {"name": name, "selfhosted.jitsi.port_forwards": arguments}


def loops(name: str, count: int) -> list[dict]:
    """The same with the stock module: a rule that translates and one that accepts, for each forward."""
    rule = {"protocol": "tcp", "destination_port": "{{ item }}", "wait": "30"}
    translate = {**rule, "table": "nat", "chain": "PREROUTING", "destination": PUBLIC, "jump": "DNAT"}
    accept = {**rule, "chain": "FORWARD", "destination": GUEST, "jump": "ACCEPT"}
    translate["to_destination"] = GUEST
    loop = {"loop": [1024 + number for number in range(count)], "loop_control": {"label": ""}}
    return [{"name": name, "ansible.builtin.iptables": arguments, **loop} for arguments in (translate, accept)]


def tasks(count: int) -> list[dict]:
    nothing = {"name": NOTHING, "ansible.builtin.ping": {}}
    again = [task for _time in range(REPEATS) for task in (nothing, own(AGAIN, count))]
    # A first task of a kind pays for packing its module.
    warm_up = [{**nothing, "name": "warm-up"}, own("warm-up", 1), own("warm-up", 1, "absent")]
    return [
        *warm_up,
        own(FIRST, count),
        *again,
        own("remove", count, "absent"),
        *loops(LOOP_FIRST, count),
        *loops(LOOP_AGAIN, count),
    ]


def seconds(folder: Path, count: int) -> dict[str, list[float]]:
    """Run the tasks in a namespace; the seconds of each task, by its name."""
    playbook = folder / "bench.yml"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks(count)}]))
    report = folder / f"report-{count}"
    environment = {
        **os.environ,
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
        "JUNIT_OUTPUT_DIR": str(report),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_NOCOLOR": "1",
    }
    command = ["unshare", "--net", "ansible-playbook", "--inventory", "localhost,", "--connection", "local", playbook]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"benchmark: ansible-playbook failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    found: dict[str, list[float]] = {}
    for case in ElementTree.parse(next(report.glob("*.xml"))).iter("testcase"):
        # The report names the host before the task, and its arguments behind.
        said = (case.get("name") or "").split(": ", 1)[-1]
        name = next(name for name in NAMES if said.startswith(name))
        found.setdefault(name, []).append(float(case.get("time") or 0))
    return found


def row(count: int, found: dict[str, list[float]]) -> str:
    nothing, again = statistics.median(found[NOTHING]), statistics.median(found[AGAIN])
    loop_first, loop_again = sum(found[LOOP_FIRST]), sum(found[LOOP_AGAIN])
    first = sum(found[FIRST])
    columns = (first / nothing, again / nothing, loop_first / first, loop_again / again)
    return f"| {count} | " + " | ".join(f"{ratio:.1f}" for ratio in columns) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", nargs="+", type=int, default=[1, 10, 100, 500, 1000])
    counts = parser.parse_args().counts
    print("| forwards | first / empty task | again / empty task | loop / ours, first | loop / ours, again |")
    print("|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for count in counts:
            print(row(count, seconds(Path(folder), count)), flush=True)


if __name__ == "__main__":
    main()
