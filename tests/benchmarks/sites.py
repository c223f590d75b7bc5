# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What many sites cost beside two: the first run of the task, a repeated one, and Apache's reload, as ratios.

Run as root with the tests' environment: ``PYTHONPATH=.build python3 tests/benchmarks/sites.py [MANY]``
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "oracle"))

from test_apache import PROGRAM, Apache

FEW = 2
REPEATS = 3


def sites(count):
    """Sites of the kind that people have: each with an alias and a backend that upgrades."""
    return [
        {
            "name": f"s{number}.test",
            "aliases": [f"www.s{number}.test"],
            "backend": "http://127.0.0.1:8001/",
            "websocket": True,
        }
        for number in range(count)
    ]


class Controller:
    """Runs the module with ansible-playbook, as a role does, on an Apache of its own."""

    def __init__(self, apache):
        self.apache = apache
        program = apache.folder / "bin" / "apachectl"
        program.parent.mkdir()
        options = f"-d {apache.configuration} -f apache2.conf"
        program.write_text(f'#!/bin/sh\n[ "$1" = -v ] && exec {PROGRAM} -v\nexec {PROGRAM} {options} -t\n')
        program.chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
        self.environment["ANSIBLE_PYTHON_INTERPRETER"] = sys.executable

    def seconds(self, wanted):
        """Run the task, and say how long it took and whether it changed anything."""
        options = {
            "sites": wanted,
            "configuration": str(self.apache.configuration),
            "certificate_directory": self.apache.settings.certificate_directory,
            "backend_directory": self.apache.settings.backend_directory,
        }
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"selfhosted.jitsi.apache_sites": options}]}
        playbook = self.apache.folder / "playbook.yml"
        playbook.write_text(json.dumps([play]))
        command = ["ansible-playbook", "--connection", "local", "--inventory", "localhost,", str(playbook)]
        start = time.monotonic()
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        return time.monotonic() - start, "changed=1" in done.stdout

    def reload(self):
        """Reload, and say how long it takes until Apache serves again."""
        start = time.monotonic()
        self.apache.start()
        return time.monotonic() - start


def measure(count):
    """The first run, the best of some repeated ones, and the best of some reloads, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        apache = Apache(Path(folder))
        try:
            controller = Controller(apache)
            first, changed = controller.seconds(sites(count))
            runs = [controller.seconds(sites(count)) for _repeat in range(REPEATS)]
            if not changed or any(run[1] for run in runs):
                sys.exit("the first run must change something, and the others nothing")
            controller.reload()
            return first, min(run[0] for run in runs), min(controller.reload() for _repeat in range(REPEATS))
        finally:
            apache.close()


def main():
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    results = {count: measure(count) for count in (FEW, many)}
    for number, name in enumerate(("first run", "repeated run", "reload")):
        few, much = (results[count][number] for count in (FEW, many))
        print(f"{name:14} {FEW} sites {few:6.2f} s   {many} sites {much:6.2f} s   ratio {much / few:5.2f}")


if __name__ == "__main__":
    main()
