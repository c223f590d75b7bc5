# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backup has, who can read it, and what a restore refuses before it asks or changes a machine."""

from __future__ import annotations

import base64
import io
import json
import stat
import sys
import tarfile
from pathlib import Path

import pytest
from test_wrong_inventory import CHECKOUT

PASSWORD = "a password of more than one word"
SECRET = "the password of an account"
FILES = {
    "/etc/jitsi/meet/jitsi.example.org-config.js": "var config = {};\n",
    "/etc/jitsi/meet/jitsi.example.org.key": SECRET,
    "/var/lib/prosody/jitsi%2eexample%2eorg/accounts/anna.dat": SECRET,
    "/etc/ssl/selfhosted/jitsi.example.org.key": SECRET,
    "/etc/letsencrypt/accounts/account.json": SECRET,
    "/etc/apache2/sites-available/jitsi.example.org.conf": "<VirtualHost *:443>\n",
}
#: The machines but the host, which has nothing to save.
MACHINES = "--limit=localhost:jitsi-vm.example.org:proxy.example.org"


@pytest.fixture
def site(machine):
    """A machine that is the proxy and the Jitsi machine of the example inventory."""
    machine.run("rm", "-rf", "/var/lib/prosody", "/etc/prosody", "/etc/letsencrypt", "/etc/apache2")
    for name, text in FILES.items():
        machine.write(name, text)
    return machine


def run(machine, playbook, *options, **variables):
    """Run a playbook with these variables; return its exit code and what it said."""
    words = [f"--inventory={CHECKOUT}/inventory/example", "--extra-vars", "ansible_become=false", *options]
    return machine.ansible(*words, "--extra-vars", json.dumps(variables), f"selfhosted.jitsi.{playbook}")


def backup(machine, *options, **variables):
    return run(
        machine,
        "backup",
        MACHINES,
        *options,
        **{"backup_folder": "/root/backups", "backup_password": PASSWORD, **variables},
    )


def the_backup(machine):
    """The folder of the only backup, as the machine names it."""
    (made,) = machine.path("/root/backups/jitsi.example.org").iterdir()
    return f"/root/backups/jitsi.example.org/{made.name}"


def opened(machine, path):
    """The files of a part by their names, as ansible-vault, base64 and tar open it."""
    machine.write("/root/password", PASSWORD)
    machine.path("/root/password").chmod(0o600)
    vault = Path(sys.executable).with_name("ansible-vault")
    done = machine.run(str(vault), "view", "--vault-password-file", "/root/password", path)
    assert done.returncode == 0, done.stderr
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(done.stdout))) as archive:
        return {entry.name: archive.extractfile(entry).read().decode() for entry in archive if entry.isfile()}


def test_backup_has_what_the_inventory_does_not_say(site):
    code, said = backup(site)
    assert code == 0, said
    folder = the_backup(site)
    assert f"The backup is in {folder}." in said
    found = {**opened(site, f"{folder}/jitsi.vault"), **opened(site, f"{folder}/proxy.vault")}
    assert {name: found.get(name.lstrip("/")) for name in FILES} == FILES


def test_nobody_else_can_read_it_and_nothing_shows_a_secret(site):
    code, said = backup(site, "-vvv", "--diff")
    assert code == 0, said
    folder = site.path(the_backup(site))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    for text in (SECRET, base64.b64encode(SECRET.encode()).decode().rstrip("=")[:-1]):
        assert text not in said
        assert all(text not in path.read_text() for path in folder.iterdir())


def test_nothing_is_left_on_the_machines(site):
    site.write("/root/begun", "")
    assert backup(site)[0] == 0
    others = ("-path", "/var/lib/containers", "-prune", "-o")
    assert site.run("find", "/etc", "/var/lib", *others, "-newer", "/root/begun", "-type", "f", "-print").stdout == ""
    assert site.run("find", "/tmp", "/var/tmp", "-maxdepth", "1", "-name", "ansible.*.backup").stdout == ""


def test_check_mode_writes_nothing(site):
    code, said = backup(site, "--check")
    assert code == 0, said
    assert " after a real run" in said
    assert not site.path("/root/backups").exists()


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"backup_password": "too short"}, "backup_password: the password is missing or has fewer than 12 characters"),
        ({"backup_password": ""}, "backup_password: the password is missing or has fewer than 12 characters"),
        ({"backup_folder": "backups"}, "backup_folder: 'backups' is not an absolute path"),
    ],
)
def test_wrong_values_are_named(site, variables, words):
    code, said = backup(site, **variables)
    assert code != 0
    assert words in said, said
    assert "too short" not in said.replace(words, "")
    assert not site.path("/root/backups").exists()


def test_machine_without_the_site_is_named(site):
    site.path("/etc/jitsi/meet/jitsi.example.org-config.js").unlink()
    code, said = backup(site)
    assert code != 0
    assert "jitsi-vm.example.org has no /etc/jitsi/meet/jitsi.example.org-config.js, so there is nothing of" in said, (
        said
    )


@pytest.fixture
def saved(site):
    """The same machine with a backup of it."""
    code, said = backup(site)
    assert code == 0, said
    return site


def restore(machine, *options, **variables):
    given = {"restore": "jitsi.example.org", "restore_from": the_backup(machine), "backup_password": PASSWORD}
    return run(machine, "restore", MACHINES, *options, **{**given, **variables})


def refused(machine, done, words):
    """It ended before the first task on a machine, and changed nothing."""
    code, said = done
    assert code != 0
    assert words in said, said
    assert "changed=0" in said or "PLAY RECAP" in said
    assert "PLAY [Install the site]" not in said and "PLAY [Configure the port forwards]" not in said
    assert not machine.path("/var/lib/selfhosted-jitsi-restore").exists()


def test_another_name_is_refused(saved):
    words = "restore: 'other.example.org' is not the site of this inventory, jitsi.example.org"
    refused(saved, restore(saved, restore="other.example.org"), words)


def test_password_that_does_not_open_is_refused(saved):
    done = restore(saved, backup_password="another one of these words")
    refused(saved, done, "/jitsi.vault does not open with backup_password. Pass the folder")
    assert "PLAY [Assert that the machines can take the backup]" not in done[1]


def test_folder_without_a_backup_is_refused(saved):
    refused(
        saved, restore(saved, restore_from="/root/nowhere"), "restore_from: /root/nowhere/jitsi.vault cannot be read"
    )


def test_machine_that_has_the_site_is_refused(saved):
    words = "jitsi-vm.example.org has jitsi.example.org already. A restore replaces its accounts, certificates and"
    refused(saved, restore(saved), words)


def test_backup_of_another_site_is_refused(saved):
    """Both parts open, but one is another machine's."""
    folder = saved.path(the_backup(saved))
    (folder / "jitsi.vault").write_bytes((folder / "proxy.vault").read_bytes())
    code, said = restore(saved, restore_replaces=True)
    assert code != 0
    words = "jitsi.vault has no etc/jitsi/meet/jitsi.example.org-config.js, so it is not a backup of jitsi.example.org"
    assert words in said, said
    assert "PLAY [Install the site]" not in said and "PLAY [Configure the port forwards]" not in said
