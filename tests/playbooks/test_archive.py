# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was configured is archived while somebody writes, and no archive is there that is not whole."""

from __future__ import annotations

import json
import subprocess

import pytest

DATA = "/var/lib/prosody"
ACCOUNTS = f"{DATA}/meet%2eexample%2eorg/accounts"
ARCHIVES = "/var/backups/jitsi-meet"
LOG = f"{DATA}/archive.log"
#: A log that grows many times while it is read, and a folder in which files come and go.
WRITER = f"""
while sleep 0.02; do
    echo line >> {LOG}
    echo x > {DATA}/mail/new && rm {DATA}/mail/new
done
"""


def archive(machine, *paths, **variables):
    include = {"name": "selfhosted.jitsi.common", "tasks_from": "archive_paths"}
    task = {
        "name": "Archive",
        "ansible.builtin.include_role": include,
        "vars": {"common_archive_folder": ARCHIVES, "common_archive_paths": list(paths)},
    }
    return machine.play([task], variables=variables)


def archives(machine):
    path = machine.path(ARCHIVES)
    return sorted(each.name for each in path.iterdir()) if path.exists() else []


@pytest.fixture
def prosody(machine):
    """A machine with accounts of prosody's, and a log that takes a moment to read."""
    machine.write(f"{ACCOUNTS}/ada.dat", "return { password = 'x' };\n")
    machine.run("sh", "-c", f"mkdir -p {DATA}/mail && head -c 20000000 /dev/urandom > {LOG}")
    return machine


def test_archive_is_made_while_prosody_writes(prosody):
    writer = subprocess.Popen(prosody.command("sh", "-c", WRITER))
    try:
        code, said = archive(prosody, DATA.lstrip("/"))
    finally:
        writer.kill()
        writer.wait()
    assert code == 0, said
    assert "is complete, except for files that changed meanwhile" in said
    assert "file changed as we read it" in said
    (name,) = archives(prosody)
    assert name.endswith("Z.tar.gz")
    listed = prosody.run("tar", "--list", "--file", f"{ARCHIVES}/{name}")
    assert listed.returncode == 0, listed.stderr
    assert f"{ACCOUNTS.lstrip('/')}/ada.dat" in listed.stdout


@pytest.mark.parametrize("fault", ["missing path", "full disk"])
def test_archive_that_fails_leaves_nothing(prosody, fault):
    paths = [DATA.lstrip("/")]
    if fault == "full disk":
        prosody.run("sh", "-c", f"mkdir -p {ARCHIVES} && mount -t tmpfs -o size=1m full {ARCHIVES}")
    else:
        paths.append("var/lib/gone")
    code, said = archive(prosody, *paths)
    assert code != 0
    assert f"localhost cannot archive the configuration in {ARCHIVES}: " in said, said
    assert ("No space left on device" if fault == "full disk" else "var/lib/gone: Cannot stat") in said, said
    assert archives(prosody) == []


def test_what_prosody_keeps_of_a_removed_name_is_archived_first(prosody):
    """Also where somebody has purged the packages before, and dpkg knows none of them."""
    include = {"name": "selfhosted.jitsi.jitsi_meet", "tasks_from": "name_absent"}
    name = {"stdout": "10 jitsi-meet-prosody/jvb-hostname doesn't exist"}
    variables = {"jitsi_meet_fqdn": "meet.example.org", "jitsi_meet_installed_name": name}
    code, said = prosody.play([{"name": "Remove", "ansible.builtin.include_role": include}], variables=variables)
    assert code == 0, said
    assert not prosody.path(f"{DATA}/meet%2eexample%2eorg").exists()
    assert prosody.path(LOG).exists()
    (archived,) = archives(prosody)
    listed = prosody.run("tar", "--list", "--file", f"{ARCHIVES}/{archived}").stdout
    assert f"{ACCOUNTS.lstrip('/')}/ada.dat" in listed


@pytest.mark.parametrize("folder", ["", "/srv/of/jitsi"])
def test_bridge_keeps_its_own_archive_whatever_is_said_of_the_jitsi_machine(machine, folder):
    """What is said with -e would win over what one role tells the other."""
    stanza = "\nPackage: jitsi-videobridge2\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n"
    machine.run("sh", "-c", f"printf '{stanza}Maintainer: a\nDescription: a\n' >> /var/lib/dpkg/status")
    machine.write("/etc/jitsi/videobridge/jvb.conf", "videobridge {}\n")
    include = {"name": "selfhosted.jitsi.videobridge", "tasks_from": "absent"}
    archives_of = {"jitsi_meet_archive": folder, "videobridge_archive": "/srv/kept"}
    said = json.dumps({**archives_of, "videobridge_fqdn": "a.example"})
    task = {"name": "Remove", "ansible.builtin.include_role": include}
    code, output = machine.play([task], "--check", "--diff", "-e", said)
    assert code == 0, output
    assert '+ "state": "directory"' in output, output
    assert '"path": "/srv/kept"' in output, output
