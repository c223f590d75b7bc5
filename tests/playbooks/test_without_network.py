# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps apt from the network stops no run that has nothing to install, and no more than it must of others."""

from __future__ import annotations

import os
import subprocess

import pytest

STATUS = "/var/lib/dpkg/status"
ENTRY = "Package: {}\nStatus: install ok installed\nMaintainer: Nobody <nobody@jitsi.test>\nArchitecture: all\n"
ENTRY += "Version: {}\nDescription: stand-in\n\n"
JITSI = ("jitsi-meet", "lua-event", "lua-unbound", "coturn", "nftables", "jitsi-videobridge2")
SOURCES = "/etc/apt/sources.list.d"
#: Nobody listens on this port, and no name is known.
UNREACHABLE = "deb [trusted=yes] http://{}/debian stable main\n"
EARLIER = ("gpg", "--batch", "--faked-system-time", "20200101T000000", "--passphrase", "", "--quick-generate-key")


#: What the tasks of a role need to run by themselves: the tasks that have read the machine.
NEEDED = {("reverse_proxy", "install"): ["look"]}


def tasks_of(role, name, *more):
    names = [*NEEDED.get((role, name), []), name]
    includes = [{"name": f"selfhosted.jitsi.{role}", "tasks_from": each} for each in names]
    return [*({"name": "Run the tasks", "ansible.builtin.include_role": each} for each in includes), *more]


@pytest.fixture
def offline(machine):
    """A machine without package lists of today, whose one mirror cannot be reached."""
    machine.run("sh", "-c", f"rm -rf /var/lib/apt/lists/* {SOURCES}/* /etc/apt/sources.list")
    machine.write(f"{SOURCES}/mirror.list", UNREACHABLE.format("127.0.0.1:9"))
    age(machine)
    return machine


def age(machine):
    """Have the package lists be of yesterday, so that the module apt would read them anew."""
    machine.run("sh", "-c", "rm -f /var/lib/apt/periodic/*; touch -d yesterday /var/lib/apt/lists")


def installed(machine, *names, version="1"):
    """Have dpkg believe that packages are installed, or gone, without a file of theirs."""
    path = machine.path(STATUS)
    entries = [each for each in path.read_text().split("\n\n") if each.split("\n")[0].partition(" ")[2] not in names]
    text = "\n\n".join(entries).rstrip("\n") + "\n\n"
    path.write_text(text + "".join(ENTRY.format(name, version) for name in names if version))


def repository(machine, name, package, key, expired=False):
    """A repository in a folder of the machine, with one package; signed by a key, before it expired."""
    then = "--faked-system-time 20200101T000010" if expired else ""
    folder = f"/srv/{name}"
    control = f"Package: {package}\nVersion: 2\nArchitecture: all\nMaintainer: Nobody <nobody@jitsi.test>\n"
    machine.write(f"{folder}/tree/DEBIAN/control", f"{control}Description: stand-in\n")
    build = f"cd {folder} && dpkg-deb --build tree {package}.deb && rm -r tree && apt-ftparchive packages . > Packages"
    sign = f"gpg --batch {then} --local-user {key} --clearsign -o InRelease Release"
    done = machine.run(
        "sh", "-c", f"{build} && apt-ftparchive release . > Release && {sign}", GNUPGHOME="/throwaway/keys"
    )
    assert done.returncode == 0, done.stderr
    return folder


def key(machine, name, expired=False):
    """Make a key, and return its fingerprint. What is expired ended in 2020."""
    machine.run("mkdir", "-m", "700", "-p", "/throwaway/keys")
    words = [*EARLIER, name, "rsa2048", "default", "seconds=60" if expired else "never"]
    done = machine.run(*words, GNUPGHOME="/throwaway/keys")
    assert done.returncode == 0, done.stderr
    listed = machine.run("gpg", "--list-keys", "--with-colons", name, GNUPGHOME="/throwaway/keys").stdout
    return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))


def export(machine, fingerprint, path):
    write = f"mkdir -p $(dirname {path}) && gpg --armor --export {fingerprint} > {path}"
    machine.run("sh", "-c", write, GNUPGHOME="/throwaway/keys")


def test_what_is_installed_needs_no_network(offline):
    """Neither the host's tools, nor Apache, nor certbot."""
    installed(offline, "iproute2", "iptables", "apache2", "openssl", "certbot")
    parts = (("nat_host", "install"), ("reverse_proxy", "install"), ("reverse_proxy", "certbot"))
    tasks = [task for part in parts for task in tasks_of(*part)]
    variables = {"reverse_proxy_sites": [{"name": "a.test", "backend": "http://192.0.2.1/"}]}
    # Where Apache was not there before, the role notes that it installed it.
    offline.write("/etc/apache2/apache2.conf", "")
    # The timer is not asked of a machine without systemd.
    offline.run("rm", "-f", "/lib/systemd/system/certbot.timer")
    code, said = offline.play(tasks, variables=variables)
    assert code == 0, said
    assert "changed=0" in said


def test_mirror_that_is_needed_and_down_is_named(offline):
    installed(offline, "iproute2")
    installed(offline, "iptables", version="")
    code, said = offline.play(tasks_of("nat_host", "install"))
    assert code != 0
    assert "localhost cannot install the packages iptables: No package matching 'iptables' is available" in said, said
    assert "Some package lists cannot be read: " in said


def test_expired_key_of_somebody_else_keeps_nothing_from_being_installed(offline):
    for name, package, expired in (("theirs", "unrelated", True), ("good", "iptables", False)):
        fingerprint = key(offline, name, expired)
        folder = repository(offline, name, package, fingerprint, expired)
        export(offline, fingerprint, f"/etc/apt/keyrings/{name}.asc")
        source = f"deb [signed-by=/etc/apt/keyrings/{name}.asc] file:{folder} ./\n"
        offline.write(f"{SOURCES}/{name}.list", source)
    offline.run("rm", f"{SOURCES}/mirror.list")
    assert "EXPKEYSIG" in offline.run("apt-get", "update", LC_ALL="C").stderr
    offline.run("sh", "-c", "rm -rf /var/lib/apt/lists/*")
    age(offline)
    installed(offline, "iproute2")
    installed(offline, "iptables", version="")
    code, said = offline.play(tasks_of("nat_host", "install"))
    assert code == 0, said
    shown = offline.run("dpkg-query", "--show", "--showformat=${Version}", "iptables").stdout
    assert shown == "2"


def jitsi_of(machine, folder, fingerprint, url, *parts, **environment):
    """Run parts of the role for a repository in a folder; its key is published at a URL."""
    variables = {
        "jitsi_meet_apt_uri": f"file:{folder}",
        "jitsi_meet_apt_suite": "./",
        "jitsi_meet_apt_key_url": url,
        "jitsi_meet_apt_key_fingerprints": [fingerprint],
    }
    tasks = [task for part in parts for task in tasks_of("common" if part == "postponed" else "jitsi_meet", part)]
    return machine.play(tasks, variables=variables, **environment)


def test_expired_key_of_jitsi_is_renewed_before_apt_is_asked(offline):
    """Where all is installed, and where gpg is not yet."""
    fingerprint = key(offline, "jitsi", expired=True)
    folder = repository(offline, "jitsi", "jitsi-meet", fingerprint, expired=True)
    keyring = "/etc/apt/keyrings/jitsi.asc"
    export(offline, fingerprint, keyring)
    offline.write(f"{SOURCES}/jitsi.list.off", "")
    renew = "gpg --batch --quick-set-expire FPR 10y && gpg --batch --clearsign --yes -o InRelease Release"
    renew = f"cd {folder} && {renew.replace('FPR', fingerprint)}"
    done = offline.run("sh", "-c", f"{renew} && gpg --armor --export > published.asc", GNUPGHOME="/throwaway/keys")
    assert done.returncode == 0, done.stderr
    installed(offline, *JITSI, "python3-apt", "gpg", "ca-certificates")
    code, said = jitsi_of(
        offline, folder, fingerprint, f"file://{folder}/published.asc", "machine", "repository", "package_list"
    )
    assert code == 0, said
    assert "EXPKEYSIG" not in said
    assert offline.path(keyring).read_text() == offline.path(f"{folder}/published.asc").read_text()
    assert "Version: 2" in offline.run("apt-cache", "show", "jitsi-meet").stdout


def test_repository_that_is_down_stops_only_what_has_to_be_installed(offline):
    """Neither its key nor its list can be had."""
    installed(offline, *JITSI, "python3-apt", "gpg", "ca-certificates")
    words = (
        offline,
        "/srv/gone",
        "A" * 40,
        "http://127.0.0.1:9/key",
        "machine",
        "repository",
        "package_list",
        "postponed",
    )
    code, said = jitsi_of(*words)
    assert code == 0, said
    assert "localhost could not download the key at http://127.0.0.1:9/key" in said
    assert "and package lists (E: The repository 'file:/srv/gone ./ Release' does not have a Release file" in said
    installed(offline, "lua-event", version="")
    code, said = jitsi_of(*words)
    assert code != 0
    assert "localhost cannot download the repository's key from http://127.0.0.1:9/key" in said


#: Holds the lock of apt's lists until apt has been asked for a second time.
HOLDER = """
import fcntl, pathlib, time
lock = open("/var/lib/apt/lists/lock", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
asked = pathlib.Path("/throwaway/asked")
while not asked.exists() or len(asked.read_text().split()) < 2:
    time.sleep(0.05)
"""


def test_lock_of_apt_is_waited_for_on_a_german_machine(offline):
    fingerprint = key(offline, "jitsi")
    folder = repository(offline, "jitsi", "jitsi-meet", fingerprint)
    export(offline, fingerprint, f"{folder}/published.asc")
    installed(offline, "python3-apt", "gpg", "ca-certificates")
    offline.write("/throwaway/bin/apt-get", '#!/bin/sh\necho asked >> /throwaway/asked\nexec /usr/bin/apt-get "$@"\n')
    offline.run("chmod", "755", "/throwaway/bin/apt-get")
    # This is enough for gettext, and needs no locale that was made.
    german = {"LANG": "C.UTF-8", "LANGUAGE": "de", "LC_ALL": "", "PATH": f"/throwaway/bin:{os.environ['PATH']}"}
    holder = subprocess.Popen(offline.command("python3", "-c", HOLDER), stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        refused = offline.run("/usr/bin/apt-get", "update", **german).stderr
        assert "Sperre" in refused
        assert "Could not get lock" not in refused
        parts = ("machine", "repository", "package_list")
        code, said = jitsi_of(offline, folder, fingerprint, f"file://{folder}/published.asc", *parts, **german)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    assert code == 0, said
    assert "FAILED - RETRYING" in said
