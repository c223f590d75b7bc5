# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A machine that is too small is refused; what services may use is set beside others' settings, and taken back."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from throwaway import refused_alone, throwaway

CHECKOUT = Path(__file__).resolve().parents[2]
UNITS = "/etc/systemd/system"
DROP_IN = "00-selfhosted-jitsi.conf"
NGINX = "/etc/nginx/nginx.conf"
#: As Debian's package has it, with the blanks that nginx allows and a comment that is none of its business.
STOCK = """user www-data;
worker_processes auto;
include /etc/nginx/modules-enabled/*.conf;

events {
\tworker_connections 768;
\t# multi_accept on;
}

http {
\t# worker_connections 1;
\tinclude /etc/nginx/mime.types;
}
"""
#: Bytes that are no text in UTF-8.
LATIN = b"# Gr\xfc\xdfe\n"
STATUS = "/var/lib/dpkg/status"
ENTRY = (
    "Package: jitsi-videobridge2\nStatus: install ok {}\nMaintainer: Nobody <nobody@jitsi.test>\nArchitecture: all\n"
)
ENTRY += "Version: 1\nDescription: stand-in\n\n"


#: What others say of the same limits: in units, drop-ins, a package's files, and what Jitsi's packages read.
THEIRS = {
    "nginx": (f"{UNITS}/nginx.service", "[Service]\nExecStart=/bin/true\nLimitNOFILE=100000\n"),
    "prosody": ("/usr/lib/systemd/system/prosody.service.d/10.conf", "[Service]\n LimitNOFILE=2048\n"),
    "jicofo": (f"{UNITS}/jicofo.service.d/a.conf", '[Service]\nEnvironment="A=b" JICOFO_MAX_MEMORY=1g\n'),
    "jitsi-videobridge2": ("/etc/jitsi/videobridge/config", "# mine\nVIDEOBRIDGE_MAX_MEMORY=900m\n"),
}
#: There is no systemd on the machine. What is told to it, or to a script of a service, is written down.
TELL = """#!/bin/sh
case $1 in
status) echo "nginx is running" ;;
show) ;;
*) echo "$(basename "$0") $1" >> /throwaway/told ;;
esac
"""


def meminfo(mebibytes):
    """What the kernel of a machine says that has so much memory."""
    return f"MemTotal: {mebibytes * 1024} kB\nMemFree: 1000 kB\n"


def have_memory(machine, mebibytes):
    """Have the kernel of the machine say so."""
    machine.write("/throwaway/meminfo", meminfo(mebibytes))
    done = machine.run("mount", "--bind", "/throwaway/meminfo", "/proc/meminfo")
    assert done.returncode == 0, done.stderr


def part(name, role="jitsi_meet", **variables):
    include = {"name": f"selfhosted.jitsi.{role}", "tasks_from": name}
    return {"name": f"Run {name}", "ansible.builtin.include_role": include, "vars": variables}


def play(machine, tasks, *options, **variables):
    for script in ("/throwaway/bin/systemctl", "/etc/init.d/nginx"):
        machine.write(script, TELL)
        machine.path(script).chmod(0o755)
    machine.path("/throwaway/told").unlink(missing_ok=True)
    path = f"/throwaway/bin:{os.environ['PATH']}"
    return machine.play(tasks, *options, variables=variables, PATH=path)


def limits(machine, mebibytes, *options, **variables):
    """Run what limits the services, on a machine with so much memory."""
    text = base64.b64encode(f"MemTotal: {mebibytes * 1024} kB\n".encode()).decode()
    code, said = play(
        machine, [part("limits", common_machine={"contents": {"/proc/meminfo": text}})], *options, **variables
    )
    assert code == 0, said
    return said


def told(machine):
    """What systemd was told in the last run."""
    path = machine.path("/throwaway/told")
    return path.read_text().splitlines() if path.exists() else []


def drop_in(machine, unit):
    path = machine.path(f"{UNITS}/{unit}.service.d/{DROP_IN}")
    return path.read_text().splitlines()[1:] if path.exists() else None


def sized(machine, name, role, mebibytes, state="", **variables):
    """The variables of a host with so much memory, whose role reads it; `state` is that of Jitsi's package there."""
    files = {"/proc/meminfo": meminfo(mebibytes)}
    if state:
        files[STATUS] = machine.path(STATUS).read_text().rstrip("\n") + "\n\n" + ENTRY.format(state)
    return {"role": role, "parts": ["machine"], "ansible_shell_executable": machine.shell(name, files), **variables}


@pytest.fixture(scope="module")
def said_of_sizes(tmp_path_factory):
    """What one run says of machines of all sizes."""
    with throwaway(tmp_path_factory.mktemp("sizes")) as machine:
        hosts = {
            "memory": sized(machine, "memory", "jitsi_meet", 960),
            "disk": sized(machine, "disk", "jitsi_meet", 1960, jitsi_meet_minimum_disk="99999999"),
            "bridge": sized(machine, "bridge", "videobridge", 480),
            "large-bridge": sized(machine, "large-bridge", "videobridge", 960),
            "large-enough": sized(machine, "large-enough", "jitsi_meet", 960, jitsi_meet_minimum_memory="960"),
            "half-configured": sized(machine, "half-configured", "jitsi_meet", 480, "half-configured"),
            "config-files": sized(machine, "config-files", "jitsi_meet", 480, "config-files"),
        }
        code, said = machine.play_roles(hosts)
    assert code != 0
    return said


class TestTooSmall:
    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("memory", "jitsi_meet_minimum_memory is 1800, but the machine has 960 MiB of memory. Add"),
            ("disk", "jitsi_meet_minimum_disk is 99999999, but /usr or /var has only"),
            ("bridge", "videobridge_minimum_memory is 900, but the machine has 480 MiB of memory. Add"),
        ],
    )
    def test_machine_is_refused_before_anything_changes(self, said_of_sizes, name, words):
        refused_alone(said_of_sizes, name, f"{name} is too small for Jitsi. {words}")

    @pytest.mark.parametrize("name", ["large-bridge", "large-enough"])
    def test_machine_that_is_just_large_enough_passes(self, said_of_sizes, name):
        assert re.search(rf" {name} : ok=\d+ changed=0 unreachable=0 failed=0 ", said_of_sizes), said_of_sizes

    def test_machine_that_has_jitsi_is_not_refused(self, said_of_sizes):
        """What a machine has that lost the package is none of it."""
        refused_alone(said_of_sizes, "config-files", "config-files is too small for Jitsi. ")
        assert re.search(r" half-configured : ok=\d+ changed=0 unreachable=0 failed=0 ", said_of_sizes), said_of_sizes


class TestSite:
    """The site's playbook, on the example inventory."""

    def site(self, *options, **variables):
        words = [word for name, value in variables.items() for word in ("--extra-vars", f"{name}={value}")]
        command = ["ansible-playbook", "--inventory", "inventory/example", "playbooks/site.yml", *options, *words]
        environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1"}
        done = subprocess.run(command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    @pytest.mark.parametrize("name", ["jitsi_meet_minimum_memory", "videobridge_minimum_disk"])
    def test_small_machine_is_refused_before_the_host_forwards_anything(self, name, tmp_path):
        here = {"ansible_connection": "local", "ansible_become": "false", "ansible_python_interpreter": sys.executable}
        (tmp_path / "bridge.yml").write_text(
            "videobridge: {hosts: {b: {videobridge_local_address: 192.168.122.121}}}\n"
        )
        code, said = self.site("--inventory", str(tmp_path / "bridge.yml"), **here, **{name: 99999999})
        assert code != 0
        assert f"{name} is 99999999, but " in said, said
        assert "PLAY [Configure the port forwards]" not in said
        assert not re.search(r"changed=[1-9]", said)

    def test_machine_that_does_not_answer_is_left_to_its_own_play(self):
        """The forwards of the next play may be what is missing."""
        nobody = {"ansible_host": "127.0.0.1", "ansible_port": 9, "ansible_ssh_common_args": "-n"}
        code, said = self.site(**nobody)
        assert code != 0
        assert "PLAY [Configure the port forwards]" in said, said
        assert "is too small" not in said


class TestLimits:
    def test_small_machine_gets_shares_and_files_as_a_check_says(self, machine):
        checked = limits(machine, 3920, "--check", "--diff")
        assert drop_in(machine, "nginx") is None
        assert "+Environment=VIDEOBRIDGE_MAX_MEMORY=1408m" in checked
        assert counts(limits(machine, 3920)) == counts(checked)
        assert told(machine) == ["systemctl daemon-reload"]
        assert drop_in(machine, "nginx") == ["[Service]", "LimitNOFILE=65000:524288"]
        assert drop_in(machine, "prosody") == ["[Service]", "LimitNOFILE=65000:524288"]
        assert drop_in(machine, "jitsi-videobridge2") == ["[Service]", "Environment=VIDEOBRIDGE_MAX_MEMORY=1408m"]
        assert drop_in(machine, "jicofo") == ["[Service]", "Environment=JICOFO_MAX_MEMORY=704m"]
        assert "changed=0" in limits(machine, 3920)
        assert told(machine) == []

    def test_large_machine_keeps_the_heaps_of_the_packages(self, machine):
        """And where files are left to systemd, or set for all services."""
        assert "changed=0" in limits(machine, 24000, jitsi_meet_open_files="0")
        machine.write("/etc/systemd/system.conf.d/files.conf", "[Manager]\nDefaultLimitNOFILE=99999\n")
        assert "changed=0" in limits(machine, 24000)
        assert [drop_in(machine, unit) for unit in ("nginx", "jitsi-videobridge2", "jicofo")] == [None] * 3

    def test_numbers_of_the_user_count_also_as_text(self, machine):
        numbers = {"videobridge_memory": "5000", "jicofo_memory": 600, "open_files": "600000"}
        limits(machine, 24000, **{f"jitsi_meet_{name}": number for name, number in numbers.items()})
        assert drop_in(machine, "jitsi-videobridge2")[1] == "Environment=VIDEOBRIDGE_MAX_MEMORY=5000m"
        assert drop_in(machine, "jicofo")[1] == "Environment=JICOFO_MAX_MEMORY=600m"
        assert drop_in(machine, "nginx")[1] == "LimitNOFILE=600000:600000"

    def test_bridge_alone_has_more_of_the_machine(self, machine):
        have_memory(machine, 1960)
        size = part("machine", "videobridge")
        size["ansible.builtin.include_role"]["public"] = True
        code, said = play(machine, [size, part("limits", __jitsi_meet_limits="{{ __videobridge_limits }}")])
        assert code == 0, said
        assert drop_in(machine, "jitsi-videobridge2")[1] == "Environment=VIDEOBRIDGE_MAX_MEMORY=1024m"
        assert drop_in(machine, "nginx") is None

    def test_what_an_administrator_says_wins(self, machine):
        """Also over what an earlier run wrote; then nothing of ours is left, and all of theirs."""
        limits(machine, 1960)
        assert all(drop_in(machine, unit) for unit in THEIRS)
        for path, text in THEIRS.values():
            machine.write(path, text)
        limits(machine, 1960)
        assert not any(drop_in(machine, unit) for unit in THEIRS)
        assert [machine.path(path).read_text() for path, _text in THEIRS.values()] == [
            text for _path, text in THEIRS.values()
        ]
        assert "changed=0" in limits(machine, 1960)

    def test_comment_says_nothing_and_systemd_reads_what_is_written(self, machine):
        machine.write("/etc/systemd/system.conf", "[Manager]\n#DefaultLimitNOFILE=1024:524288\n")
        machine.write("/etc/jitsi/jicofo/config", "# JICOFO_MAX_MEMORY=1g\n")
        machine.write(f"{UNITS}/prosody.service", "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n")
        limits(machine, 1960)
        assert drop_in(machine, "jicofo")
        verify = ("systemd-analyze", "verify", "--man=no", f"{UNITS}/prosody.service")
        assert DROP_IN not in machine.run(*verify).stderr
        path = machine.path(f"{UNITS}/prosody.service.d/{DROP_IN}")
        path.write_text(path.read_text().replace("65000:", "much:"))
        assert DROP_IN in machine.run(*verify).stderr

    def test_absent_leaves_what_others_wrote(self, machine):
        limits(machine, 1960)
        machine.write(f"{UNITS}/prosody.service.d/override.conf", "[Service]\nNice=1\n")
        none = [{"unit": unit, "name": "LimitNOFILE", "setting": ""} for unit in ("nginx", "prosody")]
        for changed in ("changed=1", "changed=0"):
            code, said = play(machine, [part("limits", __jitsi_meet_limits=none)])
            assert code == 0, said
            assert changed in said
        assert not machine.path(f"{UNITS}/nginx.service.d").exists()
        assert [each.name for each in machine.path(f"{UNITS}/prosody.service.d").iterdir()] == ["override.conf"]


def counts(said):
    """What the recap says of a run."""
    return re.search(r"localhost : ok=(\d+) changed=(\d+)", said).groups()


def nginx(machine, *steps, options=()):
    """Edit files in one play, each step with its path and number of connections, and keep what each step made of it."""
    tasks = []
    for number, (path, connections) in enumerate(steps):
        tasks.append(part("files", __jitsi_meet_nginx_file=path))
        tasks.append(part("nginx", __jitsi_meet_nginx_file=path, jitsi_meet_nginx_connections=connections))
        tasks.append(
            {"name": "Keep it", "ansible.builtin.command": f"cp {path} /throwaway/step{number}", "changed_when": False}
        )
    code, said = play(machine, tasks, *options)
    assert code == 0, said
    return said, [
        machine.path(f"/throwaway/step{number}").read_bytes().decode("latin-1") for number in range(len(steps))
    ]


def raised(number):
    return STOCK.replace(" 768;", f" {number}; # 768 before selfhosted.jitsi wrote {number}")


class TestNginx:
    def test_number_is_raised_noted_and_given_back_to_the_byte(self, machine):
        machine.write(NGINX, STOCK)
        said, texts = nginx(machine, *((NGINX, number) for number in (4096, "4096", 2000, 8000, 0)))
        assert texts == [raised(4096), raised(4096), raised(2000), raised(8000), STOCK]
        assert "changed=5" in said
        assert told(machine) == ["nginx reload"]

    def test_higher_number_others_files_and_bytes_stay(self, machine):
        """Nothing but a note of ours that is no longer true goes."""
        note = " # 768 before selfhosted.jitsi wrote 4096"
        texts = [
            "events { worker_connections 20000; }\n",
            "events {\n    worker_connections   5000;\n}\n",
            f"events {{\n\tworker_connections 9000;{note}\n}}\n",
            "events {\n}\n",
            "# worker_connections 768;\n",
        ]
        steps = [(f"/etc/nginx/{number}.conf", 4096) for number in range(len(texts))]
        for (path, _number), text in zip(steps, texts):
            machine.write(path, text)
        machine.write(NGINX, STOCK)
        machine.path(NGINX).write_bytes(STOCK.encode() + LATIN)
        found = nginx(machine, *steps, (NGINX, 4096))[1]
        assert found == [text.replace(note, "") for text in texts] + [raised(4096) + LATIN.decode("latin-1")]

    def test_what_shares_the_line_stays(self, machine):
        """The note behind the number is a comment. It once took the rest of the line along."""
        note = " # 1024 before selfhosted.jitsi wrote 4096"
        texts = [
            "events { worker_connections 1024; }\n",
            "events {\n    worker_connections 1024; multi_accept on;\n}\n",
            f"events {{ worker_connections 4096;{note} }}\n",
        ]
        steps = [(f"/etc/nginx/{number}.conf", 4096) for number in range(len(texts))]
        for (path, _number), text in zip(steps, texts):
            machine.write(path, text)
        found = nginx(machine, *steps, *steps)[1]
        assert found[:3] == found[3:]
        alone = f"events {{ worker_connections 4096;{note}\n    }}\n"
        assert found[0] == found[2] == alone
        assert found[1] == f"events {{\n    worker_connections 4096;{note}\n    multi_accept on;\n}}\n"

    def test_check_changes_nothing_and_says_it(self, machine):
        machine.write(NGINX, STOCK)
        other = {"__jitsi_meet_nginx_file": "/etc/nginx/none.conf"}
        tasks = [part("files"), part("nginx"), part("files", **other), part("nginx", **other)]
        code, said = play(machine, tasks, "--check", "--diff")
        assert code == 0, said
        assert "changed=2" in said
        assert machine.path(NGINX).read_text() == STOCK
        assert "+ worker_connections 4096; # 768 before selfhosted.jitsi wrote 4096" in said
