# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What java_properties costs: against the stock modules in a loop, and against the size of the file.

The first table sets 50 properties in one file, with one task of ours and with one task of each other module in a loop,
all in one run of ansible-playbook on this machine. The second table runs the module alone on files of more and more
lines, beside a program that only reads and writes the file, and counts the processor's time. Start it after `make test`
or `make demo`:

    ANSIBLE_COLLECTIONS_PATH=$PWD/.build .build/venv/bin/python tests/benchmarks/editors.py

community.general.ini_file takes part if that collection is found. To have it without installing it anywhere else:

    python3 -m venv /tmp/more && /tmp/more/bin/pip install --no-deps 'ansible==12.*'
    ANSIBLE_COLLECTIONS_PATH=$PWD/.build:$(echo /tmp/more/lib/python3*/site-packages) …
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

OURS, LINEINFILE, INI_FILE = "java_properties", "ansible.builtin.lineinfile", "community.general.ini_file"
NOTHING = "nothing"
SETTINGS = 50
REPEATS = 3
COPY = "import sys; data = open(sys.argv[1], 'rb').read(); open(sys.argv[1], 'wb').write(data)"


def key(number: int) -> str:
    return f"org.example.component.NAME_{number}"


def write(path: Path, lines: int) -> None:
    with path.open("w") as file:
        file.writelines(f"{key(number)}=value {number}\n" for number in range(lines))


def wanted(lines: int) -> list[dict[str, str]]:
    """As many settings as always, evenly over the file."""
    step = max(lines // SETTINGS, 1)
    return [{"key": key(number * step), "value": f"new {number}"} for number in range(SETTINGS)]


def tasks(files: dict[str, Path], lines: int) -> list[dict]:
    settings = wanted(lines)
    arguments = {
        OURS: {"settings": settings},
        LINEINFILE: {"regexp": "^{{ item.key | regex_escape }}=", "line": "{{ item.key }}={{ item.value }}"},
        INI_FILE: {"option": "{{ item.key }}", "value": "{{ item.value }}", "no_extra_spaces": True},
    }
    modules = {OURS: f"selfhosted.jitsi.{OURS}"}
    made = [{"name": NOTHING, "ansible.builtin.ping": {}} for _time in range(REPEATS)]
    for name, file in files.items():
        task = {modules.get(name, name): {"path": str(file), **arguments[name]}}
        loop = {} if name == OURS else {"loop": settings, "loop_control": {"label": ""}}
        # A first task of a kind pays for packing its module.
        warm_up = {modules.get(name, name): {"path": f"{file}.small", "create": True, **arguments[name]}}
        made.append({"name": f"warm-up {name}", **warm_up, **loop})
        made += [{"name": f"{when} {name}", **task, **loop} for when in ("first", "again")]
    return made


def seconds(folder: Path, lines: int) -> dict[str, float]:
    """Run the tasks, each module on its own copy of the file; the seconds of each task, by its name."""
    files = {name: folder / f"{name}.properties" for name in (OURS, LINEINFILE, INI_FILE)}
    if not found(INI_FILE):
        del files[INI_FILE]
    for file in files.values():
        write(file, lines)
    playbook = folder / "bench.yml"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks(files, lines)}]))
    environment = {
        **os.environ,
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
        "JUNIT_OUTPUT_DIR": str(folder / "report"),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_NOCOLOR": "1",
    }
    command = ["ansible-playbook", "--inventory", "localhost,", "--connection", "local", playbook]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"benchmark: ansible-playbook failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    require_same(files)
    return reported(next((folder / "report").glob("*.xml")))


def found(module: str) -> bool:
    """Whether Ansible has a module."""
    command = ["ansible-doc", "--type", "module", "--json", module]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and module in json.loads(done.stdout)


def require_same(files: dict[str, Path]) -> None:
    contents = {file.read_bytes() for file in files.values()}
    if len(contents) != 1 or next(iter(contents)).count(b"=new ") != SETTINGS:
        sys.exit("benchmark: the modules have not done the same")


def reported(report: Path) -> dict[str, float]:
    taken: dict[str, list[float]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        # The report names the host before the task, and its arguments behind.
        words = (case.get("name") or "").split(": ", 1)[-1].replace(":", " ").split()
        name = words[0] if words[0] == NOTHING else " ".join(words[:2])
        taken.setdefault(name, []).append(float(case.get("time") or 0))
    return {name: statistics.median(times) if name == NOTHING else sum(times) for name, times in taken.items()}


def against_others(lines: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        taken = seconds(Path(folder), lines)
    print(f"{SETTINGS} settings in a file of {lines} lines:\n")
    print("| way | first run, s | again, s | first / ours | again / ours |\n|---|---|---|---|---|")
    for name in (NOTHING, OURS, LINEINFILE, INI_FILE):
        first, again = (taken.get(name if name == NOTHING else f"{when} {name}") for when in ("first", "again"))
        if first is None or again is None:
            print(f"| {name} | not installed | | | |")
            continue
        ratios = (first / taken[f"first {OURS}"], again / taken[f"again {OURS}"])
        print(f"| {name} | {first:.2f} | {again:.2f} | {ratios[0]:.2f} | {ratios[1]:.2f} |")


def timed(command: list[str], file: Path, original: Path, given: str = "") -> float:
    """The median of the processor's seconds that a command takes on a fresh copy of a file."""
    taken = []
    for _time in range(REPEATS):
        shutil.copyfile(original, file)
        before = processor()
        subprocess.run(command, input=given, text=True, stdout=subprocess.DEVNULL, check=True)
        taken.append(processor() - before)
    return statistics.median(taken)


def processor() -> float:
    """What all programs that were run so far have taken, whatever else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def against_size(sizes: list[int]) -> None:
    module = [sys.executable, "-m", f"ansible_collections.selfhosted.jitsi.plugins.modules.{OURS}"]
    os.environ["PYTHONPATH"] = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
    print(f"\nThe module alone, {SETTINGS} settings:\n")
    print("| lines | seconds | above an empty file, µs a line | module / reading and writing |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        original, file = Path(folder, "original"), Path(folder, "a.properties")
        least = 0.0
        for lines in (0, *sizes):
            write(original, lines)
            arguments = {"path": str(file), "settings": wanted(lines), "_ansible_remote_tmp": folder}
            taken = timed(module, file, original, json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
            copied = timed([sys.executable, "-c", COPY, str(file)], file, original)
            least = least or taken
            a_line = f"{(taken - least) / lines * 1e6:.2f}" if lines else ""
            print(f"| {lines} | {taken:.2f} | {a_line} | {taken / copied:.1f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=100_000, help="of the file in the first table")
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000, 10_000, 100_000, 1_000_000])
    options = parser.parse_args()
    against_others(options.lines)
    against_size(options.sizes)


if __name__ == "__main__":
    main()
