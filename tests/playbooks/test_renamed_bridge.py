# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""After a rename of the site a further bridge trusts prosody's certificate of the new name, and of no other."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from throwaway import BRIDGE

OLD, NEW, MINE = "auth.old.example", "auth.new.example", "auth.mine.example"
FOLDER, SYSTEM, STORE = "/usr/local/share/ca-certificates", "/etc/ssl/certs", "/etc/ssl/certs/java/cacerts"
KEYTOOL = ("keytool", "-storepass", "changeit", "-keystore", STORE)
STATUS = "Package: jitsi-videobridge2\nStatus: install ok installed\nMaintainer: a\nArchitecture: all\nVersion: 1\n"
CONNECTION = """videobridge.apis.xmpp-client.configs.{} {{
  HOSTNAME = "192.0.2.1", DOMAIN = "{}", USERNAME = "jvb", PASSWORD = "hush"
  MUC_JIDS = "jvbbrewery@internal.{}", MUC_NICKNAME = "one"
}}
"""
RENAMED = {**BRIDGE, "videobridge_fqdn": "new.example"}


def connection(name, domain):
    return CONNECTION.format(name, domain, domain)


def certificate(folder, name):
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", "9"]
    path = folder / f"{name}.crt"
    subprocess.run([*request, "-keyout", str(folder / "key"), "-out", str(path)], check=True, capture_output=True)
    return path.read_text()


def trusted(machine):
    """The names that Java and the system trust, of those here."""
    java = machine.run(*KEYTOOL, "-list").stdout
    system = machine.path(f"{SYSTEM}/ca-certificates.crt").read_text()
    texts = {name: machine.path(f"/throwaway/{name}.crt").read_text() for name in (OLD, NEW, MINE)}
    of_java = {name for name in texts if f"debian:{name}.pem" in java}
    assert of_java == {name for name, text in texts.items() if text.splitlines()[1] in system}
    return of_java


@pytest.fixture
def bridge(machine, tmp_path):
    """A bridge of the old name, which has a further connection of its user's own."""
    if machine.run("sh", "-c", "command -v keytool && test -x /etc/ca-certificates/update.d/jks-keystore").returncode:
        pytest.skip("there is no Java with Debian's trust store; install default-jdk-headless")
    for name in (OLD, NEW, MINE):
        machine.write(f"/throwaway/{name}.crt", certificate(tmp_path, name))
    # Those of the authorities of this world take seconds.
    machine.write("/etc/ca-certificates.conf", "")
    machine.run("sh", "-c", f"cp /throwaway/{OLD}.crt /throwaway/{MINE}.crt {FOLDER} && update-ca-certificates --fresh")
    machine.run("sh", "-c", f"printf '\n{STATUS}Description: stand-in\n' >> /var/lib/dpkg/status".replace("\n", "\\n"))
    machine.write("/etc/jitsi/videobridge/jvb.conf", connection("shard", OLD) + connection("mine", MINE))
    # What restarts it ends well.
    machine.write("/etc/init.d/jitsi-videobridge2", "#!/bin/sh\n# Default-Start: 2\nexit 0\n")
    machine.run("chmod", "755", "/etc/init.d/jitsi-videobridge2")
    assert trusted(machine) == {OLD, MINE}
    return machine


def run(bridge, *parts, **variables):
    """Run parts of the role; the Jitsi machine has the new name already."""
    text = bridge.path(f"/throwaway/{NEW}.crt").read_text()
    files = {"/etc/jitsi/videobridge/jvb.conf": connection("shard", NEW), f"/etc/prosody/certs/{NEW}.crt": text}
    bridge.write(f"/etc/prosody/certs/{NEW}.crt", "")
    hosts = {
        "bridge": {**RENAMED, **variables, "role": "videobridge", "parts": list(parts)},
        "jitsi": {"parts": [], "ansible_shell_executable": bridge.shell("jitsi", files)},
    }
    code, said = bridge.play_roles(hosts)
    assert code == 0, said
    assert "hush" not in said
    return said


def test_certificate_of_the_old_name_goes_with_the_name(bridge):
    run(bridge, "shared", "look", "trust")
    assert trusted(bridge) == {NEW, MINE}
    assert not bridge.path(f"{FOLDER}/{OLD}.crt").exists()
    # A second run looks for it again, because the files of the bridge have the old name still.
    said = run(bridge, "shared", "look", "trust")
    assert re.search(r" bridge : ok=\d+ changed=0 ", said), said


def test_certificate_stays_that_a_connection_of_the_user_needs(bridge):
    """Whatever the user calls it, it may lead to the site of the old name."""
    bridge.write("/etc/jitsi/videobridge/jvb.conf", connection("shard", OLD) + connection("mine", OLD))
    run(bridge, "shared", "look", "trust")
    assert trusted(bridge) == {OLD, NEW, MINE}


def test_removal_in_a_rename_that_was_cut_off_knows_both_names(bridge):
    bridge.run("sh", "-c", f"cp /throwaway/{NEW}.crt {FOLDER} && update-ca-certificates --fresh")
    assert trusted(bridge) == {OLD, NEW, MINE}
    run(bridge, "absent")
    assert trusted(bridge) == {MINE}


#: What may be in files that the user of a bridge writes, and what root may remove for it.
FORMER = {
    f"auth.x/../../../../../../throwaway/{MINE}": [],
    "../auth.mine.example": [],
    "mine.example": [],
    "": [],
    NEW: [],
    OLD: [OLD],
}


def test_bridge_cannot_have_other_files_removed(play_here):
    role = {"name": "selfhosted.jitsi.videobridge", "tasks_from": "os_release", "public": True}
    tasks = [
        {"name": "Know the role", "ansible.builtin.include_role": role},
        {
            "name": "Show",
            "ansible.builtin.debug": {"msg": "{{ item }} has {{ __videobridge_former_domains | to_json }}"},
            "vars": {"common_bridge": {"domains": {"shard": "{{ item }}"}}},
            "loop": list(FORMER),
        },
    ]
    variables = {**RENAMED, "videobridge_allow_untested_release": True}
    said = play_here(tasks, variables=variables).stdout
    for name, former in FORMER.items():
        assert json.dumps(f"{name} has {json.dumps(former)}") in said, said
