# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A machine to break: this one's files under a layer that is thrown away, in a network that leads nowhere.

Tasks run there with the real apt, dpkg and tar, and change nothing of this machine.
It has no package lists of this machine's: apt would read tens of thousands of packages anew in each run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
#: The release of the machine, whatever this one runs: the roles refuse those that they are not tested on.
DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n'
#: What the role jitsi_meet needs to know there. It need not be large.
JITSI = {
    "jitsi_meet_fqdn": "jitsi.test",
    "jitsi_meet_local_address": "192.168.122.120",
    "jitsi_meet_public_addresses": ["198.51.100.10"],
    "jitsi_meet_minimum_memory": 0,
    "jitsi_meet_minimum_disk": 0,
}
#: What the role videobridge needs to know there, beside its videobridge_fqdn.
BRIDGE = {
    "videobridge_local_address": "192.168.122.121",
    "videobridge_public_addresses": ["198.51.100.10"],
    "videobridge_xmpp_address": "192.168.122.120",
    "videobridge_jitsi_machine": "jitsi",
    "videobridge_minimum_memory": 0,
    "videobridge_minimum_disk": 0,
    "videobridge_archive": "",
}
_MAKE = """
set -e
mount -t tmpfs layer "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" machine "$1/root"
mkdir "$1/root/throwaway"
for path in /proc /dev /sys "$2"; do
    mkdir -p "$1/root$path"
    mount --rbind "$path" "$1/root$path"
done
rm -rf "$1"/root/var/lib/apt/lists/* "$1"/root/var/cache/apt/*.bin
ip link set lo up
echo ready
exec sleep 3600
"""
_SCRIPTS = ("/DEBIAN/postinst", "/DEBIAN/postrm")
#: A shell that binds the files of a folder over the machine's own before it starts.
_SHELL = """#!/bin/sh
exec unshare --mount sh -c '
(cd "$0.files" && find . -type f | while read -r path; do mount --bind "$path" "/$path"; done)
exec /bin/sh "$@"' {0} "$@"
"""


class Throwaway:
    """The machine; `close` forgets it."""

    def __init__(self, folder: Path) -> None:
        self._layer = folder / "layer"
        self._layer.mkdir()
        words = ["sh", "-c", _MAKE, "make", str(self._layer), str(CHECKOUT)]
        self._keeper = subprocess.Popen(["unshare", "--mount", "--net", *words], stdout=subprocess.PIPE)
        self.ready = self._keeper.stdout.readline() == b"ready\n"
        if self.ready:
            self.write("/etc/os-release", DEBIAN)

    def path(self, name: str) -> Path:
        """Where a file of the machine is seen from here."""
        return Path(f"/proc/{self._keeper.pid}/root{self._layer}/root{name}")

    def write(self, name: str, text: str) -> None:
        """Write a file, and the folders above it."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def command(self, *words: str) -> list[str]:
        """The command that runs another one there."""
        spaces = [f"--{kind}=/proc/{self._keeper.pid}/ns/{name}" for kind, name in (("mount", "mnt"), ("net", "net"))]
        return ["nsenter", *spaces, "chroot", f"{self._layer}/root", *words]

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess:
        """Run a command there, and return it when it has ended."""
        return subprocess.run(
            self.command(*words),
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def sure(self, *words: str) -> str:
        """Run a command there that must succeed, and return its output."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ansible(self, *words: str, **environment: str) -> tuple[int, str]:
        """Run ansible-playbook there; return its exit code and what it said, in one line."""
        settings = {"NO_COLOR": "1", "ANSIBLE_FORCE_COLOR": "false", "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        inside = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(CHECKOUT), program, "--connection", "local"]
        done = self.run(*inside, *words, **{**settings, **environment})
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    def play(self, tasks: list, *options: str, variables=None, **environment: str) -> tuple[int, str]:
        """Run tasks there on the machine itself."""
        play = {"name": "Play", "hosts": "localhost", "gather_facts": False, "vars": variables or {}, "tasks": tasks}
        self.write("/throwaway/playbook.yml", yaml.safe_dump([play], sort_keys=False))
        return self.ansible("--inventory", "localhost,", "/throwaway/playbook.yml", *options, **environment)

    def package(self, name: str, files: dict[str, str], fields: str = "") -> str:
        """Build a stand-in of a package, and return its path.

        :param files: texts by their paths; those below /DEBIAN are the package's own.
        :param fields: further lines of its control file.
        """
        control = f"Package: {name}\nVersion: 1\nMaintainer: Nobody <nobody@jitsi.test>\nArchitecture: all\n{fields}"
        for path, text in {"/DEBIAN/control": f"{control}Description: stand-in\n", **files}.items():
            self.write(f"/throwaway/{name}{path}", text)
            self.path(f"/throwaway/{name}{path}").chmod(0o755 if path in _SCRIPTS else 0o644)
        self.sure("dpkg-deb", "--build", f"/throwaway/{name}")
        return f"/throwaway/{name}.deb"

    def install(self, name: str, files: dict[str, str], fields: str = "") -> None:
        """Install a stand-in of a package, as an administrator does."""
        self.sure("dpkg", "--install", self.package(name, files, fields))

    def package_state(self, name: str) -> str:
        """What dpkg knows of a package, such as "installed"; empty if it has never heard of it."""
        return self.run("dpkg-query", "--show", "--showformat=${db:Status-Status}", name).stdout

    def shell(self, name: str, files: dict[str, str]) -> str:
        """Make a shell to which files of the machine have other texts; return its path.

        A host of an inventory has it as its ansible_shell_executable.
        """
        path = f"/throwaway/{name}"
        for file, text in files.items():
            self.write(f"{path}.files{file}", text)
        self.write(path, _SHELL.format(path))
        self.path(path).chmod(0o755)
        return path

    def play_roles(self, hosts: dict[str, dict], *options: str, **environment: str) -> tuple[int, str]:
        """Run parts of roles in one play, on hosts that are all this machine.

        :param hosts: the variables of each host; `role` and `parts` say what runs there.
        """
        include = {"name": "selfhosted.jitsi.{{ role }}", "tasks_from": "{{ item }}"}
        task = {"name": "Run a part", "ansible.builtin.include_role": include, "loop": "{{ parts }}"}
        play = {"name": "Play", "hosts": "all", "gather_facts": False, "tasks": [task]}
        self.write("/throwaway/hosts.yml", yaml.safe_dump({"all": {"hosts": hosts}}))
        self.write("/throwaway/playbook.yml", yaml.safe_dump([play]))
        return self.ansible("--inventory", "/throwaway/hosts.yml", "/throwaway/playbook.yml", *options, **environment)

    def close(self) -> None:
        self._keeper.kill()
        self._keeper.wait()
        self._keeper.stdout.close()
        self._layer.rmdir()


@contextmanager
def throwaway(folder: Path) -> Iterator[Throwaway]:
    """A machine that is forgotten at the end; where none can be made, the test is skipped."""
    made = Throwaway(folder)
    try:
        if not made.ready:
            pytest.skip("no file systems can be mounted in a namespace here: run the tests as root")
        yield made
    finally:
        made.close()


def refused_alone(said: str, name: str, words: str) -> None:
    """Assert that a host ended with these words, and changed nothing before."""
    assert words in said, said
    assert re.search(rf" {name} : ok=\d+ changed=0 unreachable=0 failed=1 ", said), said
