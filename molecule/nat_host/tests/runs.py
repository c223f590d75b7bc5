"""Runs of the role, as users make them, and what happens to a host between them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from machines import eventually

TREE = Path(os.environ["JITSI_TREE"])
SCENARIO = TREE / "molecule" / "nat_host"
SUITE = os.environ.get("JITSI_LAB_SUITE") or "bookworm"
UNIT = "port-forwards.service"

FORWARDS = [
    {"protocol": "tcp", "port": 4443, "to": "192.168.122.120"},
    {"protocol": "tcp", "port": 8443, "to": "192.168.122.110", "to_port": 4443},
    {"protocol": "udp", "port": 10000, "to": "192.168.122.120"},
]

#: What the scenario's own owner was asked for last.
_asked = {}


@dataclass
class Run:
    """What a run of the role came to."""

    code: int
    output: str

    @property
    def said(self):
        """All in one line, to look for sentences in."""
        return " ".join(self.output.split())

    @property
    def changed(self):
        return bool(re.search(r"changed=[1-9]", self.output))

    @property
    def diff(self):
        """The differences that were shown, by the names of their tasks."""
        tasks = re.split(r"^TASK \[(.*)\] \*+$", self.output, flags=re.MULTILINE)
        shown = {name: re.findall(r"^[-+@].*$", text, re.MULTILINE) for name, text in zip(tasks[1::2], tasks[2::2])}
        return {name: lines for name, lines in shown.items() if lines}


def start(*options, **variables):
    """Start a run of the role with these variables, in a process group of its own."""
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1"}
    inventories = [f"--inventory={TREE}/inventory/lab", f"--inventory={SCENARIO}/inventory"]
    words = ["ansible-playbook", *inventories, str(SCENARIO / "converge.yml"), *options]
    return subprocess.Popen(
        [*words, "--extra-vars", json.dumps(variables)],
        env=environment,
        cwd=TREE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def finish(process):
    """Wait for a run, and return what it came to."""
    output, _errors = process.communicate(timeout=180)
    return Run(process.returncode, output)


def role(*options, **variables):
    """Run the role to its end; it must succeed."""
    run = finish(start(*options, **variables))
    assert run.code == 0, run.output
    if "--check" not in options and "nat_host_name" not in variables:
        _asked.update(last=variables)
    return run


def ensure(**variables):
    """Run the role, unless that is what it was run for last."""
    if _asked.get("last") != variables:
        role(**variables)


def lab(command):
    """Have something happen to the machines that no playbook does."""
    done = subprocess.run(
        [sys.executable, str(TREE / "tests" / "lab" / "lab.py"), command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout


def settle(host):
    """Wait until libvirt has its rules in place and nothing is about to put ours back."""
    # libvirt says that it runs before it has its rules; it answers when it has them.
    host.run_expect([0], "virsh --quiet net-list")
    question = f"systemctl show --property=ActiveState,Job {UNIT}"
    busy = re.compile(r"ActiveState=(activating|deactivating|reloading)|Job=[1-9]")
    assert eventually(lambda: not busy.search(host.check_output(question))), host.check_output(question)


def restart_libvirt(host):
    """Also after a few others: systemd allows five starts in ten seconds."""
    host.run_expect([0], "systemctl reset-failed libvirtd && systemctl restart libvirtd")
    settle(host)


def restart_network(host):
    """libvirt takes its bridge away; the guests are plugged into the new one."""
    host.run_expect([0], "virsh net-destroy default && virsh net-start default")
    lab("plug-guests")
    settle(host)


def reboot(host):
    lab("reboot-host")
    settle(host)


def put_back(host):
    """Have the host do by itself what it does when something else was started."""
    host.run_expect([0], f"systemctl start {UNIT}")
    settle(host)
