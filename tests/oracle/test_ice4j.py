# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The videobridge's files as the role leaves them, read by the real ice4j and jicoco-config of Maven Central."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_packages_hocon import write

JAVA = Path(__file__).parent / "java" / "ice4j"
LOCAL, PUBLIC, OTHER = "192.168.122.120", "198.51.100.10", "203.0.113.10"
RELAY = "meet-jit-si-turnrelay.jitsi.net:443"
PREFIX = "org.ice4j.ice.harvest"

# As packages of 2020 wrote it, and what their users added.
STOCK = f"org.jitsi.videobridge.ENABLE_STATISTICS=true\n{PREFIX}.STUN_MAPPING_HARVESTER_ADDRESSES={RELAY}\n"
PAIR = f"{PREFIX}.NAT_HARVESTER_LOCAL_ADDRESS={LOCAL}\n{PREFIX}.NAT_HARVESTER_PUBLIC_ADDRESS={PUBLIC}\n"
EXCHANGED = f"{PREFIX}.NAT_HARVESTER_LOCAL_ADDRESS={PUBLIC}\n{PREFIX}.NAT_HARVESTER_PUBLIC_ADDRESS={LOCAL}\n"
QUOTED = f'{PREFIX}.NAT_HARVESTER_LOCAL_ADDRESS="{LOCAL}"\n{PREFIX}.NAT_HARVESTER_PUBLIC_ADDRESS="{PUBLIC}"\n'
STARTED_WITH = 'JAVA_SYS_PROPS="-Dconfig.file=/etc/jitsi/videobridge/jvb.conf"\n'


@pytest.fixture(scope="session")
def libraries(tmp_path_factory):
    """The folder with the real libraries, and the program that asks them."""
    if shutil.which("mvn") is None:
        pytest.skip("mvn is not installed, which fetches ice4j and jicoco-config; install maven")
    folder = tmp_path_factory.mktemp("ice4j")
    command = ["mvn", "--batch-mode", "--quiet", "--file", str(JAVA / "pom.xml")]
    command += ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines() or ["nothing"]
        pytest.skip(f"ice4j and jicoco-config cannot be had from Maven Central here; mvn said: {said[0]}")
    compiler = ["javac", "-cp", f"{folder}/*", "-d", str(folder), str(JAVA / "HarvestProbe.java")]
    subprocess.run(compiler, check=True)
    return folder


class Bridge:
    """A folder that stands for /etc/jitsi/videobridge."""

    def __init__(self, folder, libraries):
        self.folder, self.libraries = folder, libraries
        self.properties, self.hocon = folder / "sip-communicator.properties", folder / "jvb.conf"

    def has(self, properties=None, hocon=False):
        if properties is not None:
            self.properties.write_text(properties)
        if hocon:
            write("jitsi-videobridge2", self.hocon)
            (self.folder / "config").write_text(STARTED_WITH)

    def run_role(self, *public):
        """Run what the role does with the bridge's files."""
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [{"ansible.builtin.include_role": {"name": "selfhosted.jitsi.common", "tasks_from": "bridge"}}],
            "handlers": [{"name": "Restart the videobridge", "ansible.builtin.debug": {"msg": "restarted"}}],
        }
        playbook = self.folder.parent / "playbook.yml"
        playbook.write_text(json.dumps([play]))
        variables = {
            "common_bridge_folder": str(self.folder),
            "common_bridge_fqdn": "jitsi.example.org",
            "common_bridge_address": LOCAL,
            "common_bridge_public_addresses": list(public),
            "common_bridge_port": 10000,
            "common_bridge_properties": [],
            "common_bridge_hocon": [],
            "common_bridge_handler": "Restart the videobridge",
        }
        command = ["ansible-playbook", "--connection", "local", "--inventory", "localhost,", str(playbook)]
        done = subprocess.run(
            [*command, "--extra-vars", json.dumps(variables)],
            env={**os.environ, "NO_COLOR": "1", "ANSIBLE_PYTHON_INTERPRETER": sys.executable},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return "changed=0" not in done.stdout

    def reads(self):
        """What the real libraries make of the files, started as the package's unit starts the bridge."""
        home = "net.java.sip.communicator.SC_HOME_DIR"
        options = [f"-D{home}_LOCATION={self.folder.parent}", f"-D{home}_NAME={self.folder.name}"]
        if self.hocon.exists():
            options.append(f"-Dconfig.file={self.hocon}")
        command = ["java", *options, "--class-path", f"{self.libraries}/*:{self.libraries}", "HarvestProbe"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return sorted(done.stdout.splitlines())


@pytest.fixture
def bridge(tmp_path, libraries):
    folder = tmp_path / "videobridge"
    folder.mkdir()
    return Bridge(folder, libraries)


def expected(*public):
    return ["aws false", *(f"mapping {LOCAL} {address} null null" for address in sorted(public))]


def test_untouched_files_are_read_as_the_facts_say(bridge):
    """The judge can tell files that are wrong: old names win, and mappings of both files are used."""
    bridge.has(properties=STOCK + PAIR, hocon=True)
    assert bridge.reads() == ["aws false", f"mapping {LOCAL} {PUBLIC} null null", f"stun {RELAY}"]


@pytest.mark.parametrize("text", [STOCK, STOCK + QUOTED])
def test_properties_of_2020(bridge, text):
    bridge.has(properties=text)
    assert bridge.run_role(PUBLIC)
    assert bridge.reads() == expected(PUBLIC)


@pytest.mark.parametrize("public", [(PUBLIC,), (PUBLIC, OTHER)])
def test_jvb_conf_of_today(bridge, public):
    bridge.has(hocon=True)
    assert bridge.run_role(*public)
    assert bridge.reads() == expected(*public)


@pytest.mark.parametrize(
    ("text", "public"), [(STOCK, (PUBLIC,)), (STOCK + PAIR, (PUBLIC, OTHER)), (STOCK + EXCHANGED, (PUBLIC,))]
)
def test_both_files_of_an_upgraded_machine(bridge, text, public):
    bridge.has(properties=text, hocon=True)
    assert bridge.run_role(*public)
    assert bridge.reads() == expected(*public)
    assert not bridge.run_role(*public)


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (b"", b'include required("custom.conf")\n'),
        (b"\xef\xbb\xbf# caf\xe9\n", b""),
    ],
    ids=["required include", "byte-order mark, and Latin-1 in a comment"],
)
def test_jvb_conf_that_ruby_cannot_read(bridge, before, behind):
    """The tool of Jitsi's packages refuses these files, and the bridge reads them."""
    bridge.has(hocon=True)
    bridge.hocon.write_bytes(before + bridge.hocon.read_bytes() + behind)
    (bridge.folder / "custom.conf").write_text("videobridge.statistics.enabled = true\n")
    command = ["hocon", "-f", str(bridge.hocon), "get", "ice4j"]
    said = subprocess.run(command, env={**os.environ, "LC_ALL": "C"}, capture_output=True, check=False)
    assert said.returncode != 0
    assert bridge.run_role(PUBLIC)
    assert bridge.reads() == expected(PUBLIC)
    assert not bridge.run_role(PUBLIC)
