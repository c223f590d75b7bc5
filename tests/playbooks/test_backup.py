# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backup has, who can read it, and what a restore refuses before it asks or changes a machine."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import stat
import sys
import tarfile
from pathlib import Path

import pytest
import yaml
from test_wrong_inventory import CHECKOUT
from throwaway import throwaway

PASSWORD = "a password of more than one word"
SECRET = "the password of an account"
FILES = {
    "/etc/jitsi/meet/jitsi.example.org-config.js": "var config = {};\n",
    "/etc/jitsi/meet/jitsi.example.org.key": SECRET,
    "/var/lib/prosody/jitsi%2eexample%2eorg/accounts/anna.dat": SECRET,
    "/etc/ssl/selfhosted/jitsi.example.org.key": SECRET,
    "/etc/letsencrypt/accounts/account.json": SECRET,
    "/etc/turn/key.pem": "a key that the inventory only names",
    "/etc/jitsi/meet/für \\ alle.txt": "a name that is not plain",
    "/srv/turn/chain.pem": "a certificate to which a link leads",
    "/etc/apache2/sites-available/jitsi.example.org.conf": "<VirtualHost *:443>\n",
}
#: What the Jitsi machine has of others, and of the installation that has just been made.
OF_OTHERS = {
    "/var/lib/prosody/other%2eexample%2eorg/accounts/otto.dat": "newer than the backup",
    "/var/lib/prosody/myjitsi%2eexample%2eorg/accounts/otto.dat": "of another name",
    "/etc/prosody/prosody.cfg.lua": "-- of the administrator",
    "/etc/prosody/certs/jitsi.example.org.example.net.crt": "of a longer name",
}
OF_THE_SITE = {
    "/etc/jitsi/meet/jitsi.example.org.key": "of the installation",
    "/var/lib/prosody/auth%2ejitsi%2eexample%2eorg/accounts/jvb.dat": "of the installation",
    "/etc/prosody/certs/auth.jitsi.example.org.crt": "of the installation",
}
#: All files of the machine when the backup is made.
SAVED = {**{name: f"{text}, as the backup has it" for name, text in {**OF_OTHERS, **OF_THE_SITE}.items()}, **FILES}
TURN = {
    "jitsi_meet_coturn_certificate": "/etc/turn/chain.pem",
    "jitsi_meet_coturn_certificate_key": "/etc/turn/key.pem",
}
#: Links to files elsewhere: of the user's own, and in a folder that is saved.
LINKS = {
    "/etc/turn/chain.pem": "../../srv/turn/chain.pem",
    "/etc/prosody/certs/auth.jitsi.example.org.key": "/srv/turn/chain.pem",
}
#: What dpkg has on record of the release.
RELEASE = """
Package: jitsi-meet
Status: install ok installed
Maintainer: nobody
Architecture: all
Version: 2.0.1-1
Description: of a test
"""
#: The machines but the host, which has nothing to save.
MACHINES = "--limit=localhost:jitsi-vm.example.org:proxy.example.org"


def have_site(machine, files):
    """Have a machine be the proxy and the Jitsi machine of the example inventory."""
    machine.run("rm", "-rf", "/var/lib/prosody", "/etc/prosody", "/etc/letsencrypt", "/etc/apache2")
    for name, text in files.items():
        machine.write(name, text)
    for name, target in LINKS.items():
        machine.run("mkdir", "-p", str(Path(name).parent))
        machine.run("ln", "-sfn", target, name)


@pytest.fixture
def site(machine):
    """A machine with the site, and without a backup."""
    have_site(machine, FILES)
    return machine


@pytest.fixture(scope="module")
def after_backup(tmp_path_factory):
    """A machine after a backup, which no test changes, and what the run said with all its details."""
    with throwaway(tmp_path_factory.mktemp("after_backup")) as machine:
        have_site(machine, SAVED)
        status = machine.path("/var/lib/dpkg/status")
        machine.write("/var/lib/dpkg/status", status.read_text().rstrip() + "\n" + RELEASE)
        machine.write("/throwaway/begun", "")
        code, said = backup(machine, "-vvv", "--diff")
        assert code == 0, said
        yield machine, said


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
        **{"backup_folder": "/throwaway/backups", "backup_password": PASSWORD, **TURN, **variables},
    )


def the_backup(machine):
    """The folder of the only backup, as the machine names it."""
    (made,) = machine.path("/throwaway/backups/jitsi.example.org").iterdir()
    return f"/throwaway/backups/jitsi.example.org/{made.name}"


def opened(machine, path):
    """The files of a part by their names, as ansible-vault, base64 and tar open it."""
    machine.write("/throwaway/password", PASSWORD)
    machine.path("/throwaway/password").chmod(0o600)
    vault = Path(sys.executable).with_name("ansible-vault")
    done = machine.run(str(vault), "view", "--vault-password-file", "/throwaway/password", path)
    assert done.returncode == 0, done.stderr
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(done.stdout))) as archive:
        return {entry.name: archive.extractfile(entry).read().decode() for entry in archive if entry.isfile()}


def test_backup_has_what_the_inventory_does_not_say(after_backup):
    machine, said = after_backup
    folder = the_backup(machine)
    assert f"The backup is in {folder}." in said
    found = {**opened(machine, f"{folder}/jitsi.vault"), **opened(machine, f"{folder}/proxy.vault")}
    assert {name: found.get(name.lstrip("/")) for name in FILES} == FILES


def test_nobody_else_can_read_it_and_nothing_shows_a_secret(after_backup):
    machine, said = after_backup
    folder = machine.path(the_backup(machine))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    for text in (SECRET, base64.b64encode(SECRET.encode()).decode().rstrip("=")[:-1]):
        assert text not in said
        assert all(text not in path.read_text() for path in folder.iterdir())


def test_nothing_is_left_on_the_machines(after_backup):
    machine, _said = after_backup
    others = ("-path", "/var/lib/containers", "-prune", "-o")
    newer = ("-newer", "/throwaway/begun", "-type", "f", "-print")
    assert machine.run("find", "/etc", "/var/lib", *others, *newer).stdout == ""
    assert machine.run("find", "/tmp", "/var/tmp", "-maxdepth", "1", "-name", "ansible.*.backup").stdout == ""
    assert list(machine.path("/throwaway/backups/jitsi.example.org").glob("*.partial")) == []


def test_check_mode_writes_nothing(site):
    code, said = backup(site, "--check")
    assert code == 0, said
    assert " after a real run" in said
    assert not site.path("/throwaway/backups").exists()


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
    assert not site.path("/throwaway/backups").exists()


def test_backup_of_a_part_is_none(site):
    code, said = backup(site, "--tags", "jitsi_meet")
    assert code != 0
    assert "Run it without --tags and --skip-tags." in said, said


def test_folder_that_was_moved_is_saved_with_its_files(site):
    """Also in a backup without the proxy, which says that it is none."""
    site.run("mv", "/var/lib/prosody", "/srv/prosody")
    site.run("ln", "-s", "/srv/prosody", "/var/lib/prosody")
    words = ("--limit=localhost:jitsi-vm.example.org",)
    code, said = run(site, "backup", *words, backup_folder="/throwaway/backups", backup_password=PASSWORD)
    assert code != 0
    assert ".partial lacks proxy.vault. Run the backup for all machines" in said, said
    folder = the_backup(site)
    assert folder.endswith(".partial")
    found = opened(site, f"{folder}/jitsi.vault")
    assert found.get("var/lib/prosody/jitsi%2eexample%2eorg/accounts/anna.dat") == SECRET, sorted(found)


def test_file_that_the_inventory_names_has_to_be_there(site):
    site.path("/etc/turn/key.pem").unlink()
    code, said = backup(site)
    assert code != 0
    assert "jitsi-vm.example.org has no /etc/turn/key.pem, which the inventory names. Correct the path" in said, said
    assert not site.path("/throwaway/backups").exists()


def test_machine_without_the_site_is_named(site):
    site.path("/etc/jitsi/meet/jitsi.example.org-config.js").unlink()
    code, said = backup(site)
    assert code != 0
    assert "jitsi-vm.example.org has no /etc/jitsi/meet/jitsi.example.org-config.js, so there is nothing of" in said, (
        said
    )


@pytest.fixture
def saved(after_backup, site):
    """Another machine with the same site, and with that backup."""
    machine, _said = after_backup
    shutil.copytree(machine.path("/throwaway/backups"), site.path("/throwaway/backups"))
    return site


def restore(machine, *options, **variables):
    given = {"restore": "jitsi.example.org", "restore_from": the_backup(machine), "backup_password": PASSWORD}
    return run(machine, "restore", MACHINES, *options, **{**given, **variables})


def refused(machine, done, words):
    """It ended before anything changed."""
    code, said = done
    assert code != 0
    assert words in said, said
    assert "PLAY [Install the site]" not in said and "PLAY [Configure the machines with" not in said
    assert not machine.path("/var/lib/selfhosted-jitsi-restore/mark").exists()


def test_another_name_is_refused(saved):
    words = "restore: 'other.example.org' is not the site of this inventory, jitsi.example.org"
    refused(saved, restore(saved, restore="other.example.org"), words)


def test_password_that_does_not_open_is_refused(saved):
    done = restore(saved, backup_password="another one of these words")
    refused(saved, done, "/jitsi.vault does not open with backup_password. Pass the folder")
    assert "PLAY [Assert that the machines can take the backup]" not in done[1]


def test_folder_without_a_backup_is_refused(saved):
    refused(
        saved,
        restore(saved, restore_from="/throwaway/nowhere"),
        "restore_from: /throwaway/nowhere/jitsi.vault cannot be read",
    )


def test_part_of_a_restore_is_refused(saved):
    refused(saved, restore(saved, "--tags", "jitsi_meet"), "Run it without --tags and --skip-tags.")


def test_machine_that_has_the_site_is_refused(saved):
    words = "jitsi-vm.example.org has jitsi.example.org already, and a restore would replace its accounts, certificates"
    refused(saved, restore(saved), words)


def new_machine(machine):
    """Take the site away, as if the machine were another one."""
    machine.run("rm", "-rf", "/etc/jitsi", "/var/lib/prosody", "/etc/ssl/selfhosted", "/etc/turn", "/srv/turn")


def test_backup_of_another_site_is_refused(saved):
    """Both parts open, but one is another machine's."""
    folder = saved.path(the_backup(saved))
    (folder / "jitsi.vault").write_bytes((folder / "proxy.vault").read_bytes())
    new_machine(saved)
    words = "jitsi.vault has no /etc/jitsi/meet/jitsi.example.org-config.js, so it is not a backup of jitsi.example.org"
    refused(saved, restore(saved), words)


def test_release_is_said_for_a_restore(saved):
    """The scripts of the packages have seen other files than those of the backup."""
    new_machine(saved)
    words = (
        "the backup is of jitsi-meet 2.0.1-1, whose files may not fit to another release. Pass -e jitsi_meet_version"
    )
    refused(saved, restore(saved), words)


def test_site_with_tokens_is_restored_as_one(site):
    site.write("/etc/prosody/selfhosted-jitsi-authentication.cfg.lua", '    authentication = "token"\n')
    code, said = backup(site)
    assert code == 0, said
    new_machine(site)
    refused(
        site, restore(site), "the backup is of a site with jitsi_meet_authentication: jwt, and the inventory has none."
    )


def restore_files(machine, folder, *files):
    """Run the tasks of a restore that put its files on a machine; return the exit code and what was said."""
    tasks = CHECKOUT / "playbooks" / "tasks"
    both = {"jitsi": {"hosts": {"localhost": {}}}, "reverse_proxy": {"hosts": {"localhost": {}}}}
    machine.write("/throwaway/both.yml", yaml.safe_dump({"all": {"children": both}}))
    play = {
        "name": "Play",
        "hosts": "localhost",
        "gather_facts": False,
        "vars_files": [
            str(CHECKOUT / "playbooks" / "roles" / name / "vars" / "main.yml") for name in ("site", "backup", "restore")
        ],
        "vars": {
            **TURN,
            "jitsi_meet_fqdn": "jitsi.example.org",
            "restore_from": folder,
            "backup_password": PASSWORD,
            "restore_part": "jitsi",
        },
        "tasks": [{"name": name, "ansible.builtin.include_tasks": str(tasks / name)} for name in files],
    }
    inventory = yaml.safe_load(machine.path("/throwaway/both.yml").read_text())
    release = {"jitsi_meet_version": "2.0.1-1"}
    inventory["all"]["vars"] = {
        **TURN,
        **release,
        "jitsi_meet_fqdn": "jitsi.example.org",
        "ansible_connection": "local",
    }
    machine.write("/throwaway/both.yml", yaml.safe_dump(inventory))
    machine.write("/throwaway/playbook.yml", yaml.safe_dump([play], sort_keys=False))
    for service in ("jicofo", "jitsi-videobridge2", "prosody"):
        machine.write(f"/etc/init.d/{service}", "#!/bin/sh\nexit 0\n")
        machine.path(f"/etc/init.d/{service}").chmod(0o755)
    return machine.ansible("--inventory", "/throwaway/both.yml", "/throwaway/playbook.yml")


WHOLE = ("restore_file.yml", "restore_new.yml", "restore_archive.yml", "restore_missing.yml", "restore_jitsi.yml")


def test_files_of_the_site_are_restored_and_those_of_others_stay(saved):
    folder = the_backup(saved)
    new_machine(saved)
    for name, text in {**OF_OTHERS, **OF_THE_SITE}.items():
        saved.write(name, text)
    code, said = restore_files(saved, folder, *WHOLE)
    assert code == 0, said
    for name, text in OF_OTHERS.items():
        assert saved.path(name).read_text() == text, name
    for name in OF_THE_SITE:
        assert saved.path(name).read_text() == SAVED[name], name
    assert saved.path("/var/lib/prosody/jitsi%2eexample%2eorg/accounts/anna.dat").read_text() == SECRET
    for name in ("/srv/turn/chain.pem", "/etc/turn/key.pem", "/etc/jitsi/meet/für \\ alle.txt"):
        assert saved.path(name).read_text() == FILES[name], name
    for name, target in LINKS.items():
        assert os.readlink(saved.path(name)) == target, name
    assert saved.path("/var/lib/selfhosted-jitsi-restore/mark").read_text() == f"unpacked {folder}\n"
    assert stat.S_IMODE(saved.path("/var/lib/selfhosted-jitsi-restore").stat().st_mode) == 0o700
    assert "anna.dat" not in said


def test_restore_that_was_cut_off_goes_on_with_the_same_backup_alone(saved):
    folder = the_backup(saved)
    saved.run("cp", "--archive", folder, "/throwaway/backups/another")
    saved.write("/var/lib/selfhosted-jitsi-restore/mark", f"begun {folder}\n")
    code, said = restore_files(saved, folder, "restore_new.yml")
    assert code == 0, said
    code, said = restore_files(saved, "/throwaway/backups/another", "restore_new.yml")
    assert code != 0
    assert f"localhost has an unfinished restore (begun {folder}). Run the restore of that backup again" in said, said
