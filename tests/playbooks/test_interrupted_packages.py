# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where dpkg was killed, apt refuses all work: an installation finishes it first, and a removal does so, too."""

from __future__ import annotations

import subprocess

import pytest
from throwaway import BRIDGE

#: Ends dpkg at its first run as a killed session does, and again and again if it is told so.
KILLS = """#!/bin/sh
test -e /throwaway/again || { touch /throwaway/again; kill -KILL $PPID; }
test ! -e /throwaway/broken
"""
REFUSAL = "dpkg was interrupted, you must manually run"
UNCONFIGURED = "/etc/systemd/system/jitsi-videobridge2.service.d/selfhosted-jitsi-unconfigured.conf"


@pytest.fixture
def services(machine):
    """A machine on which all that starts and stops services ends well."""
    for name in ("/usr/bin/systemctl", "/etc/init.d/nginx", "/etc/init.d/prosody"):
        machine.write(name, "#!/bin/sh\n# Default-Start: 2\nexit 0\n")
        machine.run("chmod", "755", name)
    return machine


def killed(machine, name):
    """Have dpkg be killed while it configures a package."""
    machine.run("dpkg", "--install", machine.package(name, {"/DEBIAN/postinst": KILLS}))
    assert machine.package_state(name) in ("half-configured", "unpacked")
    assert REFUSAL in machine.run("apt-get", "--yes", "purge", name, LC_ALL="C").stderr


def play(machine, *parts, **variables):
    """Run parts of the role videobridge."""
    return machine.play_roles(
        {
            "bridge": {
                **BRIDGE,
                "videobridge_fqdn": "a.example",
                **variables,
                "role": "videobridge",
                "parts": list(parts),
            }
        }
    )


def test_further_bridge_finishes_what_a_killed_dpkg_left(machine):
    machine.write("/etc/jitsi/videobridge/jvb.conf", "videobridge {}\n")
    killed(machine, "jitsi-videobridge2")
    # What the tasks before have read of the Jitsi machine, and done about the repository.
    jitsi = {"packages": {"jitsi-videobridge2": "1"}, "contents": {}}
    before = {
        "videobridge_jitsi": {"by_name": {"jitsi": jitsi}},
        "videobridge_account": {"username": "jvb", "password": "hush", "muc_jids": "a@b.example"},
        "common_repository": {"changed": False},
    }
    code, said = play(machine, "look", "install", **before)
    assert code == 0, said
    assert machine.package_state("jitsi-videobridge2") == "installed"
    assert machine.run("dpkg", "--audit").stdout == ""
    # It was configured before, so nothing keeps it from starting.
    assert not machine.path(UNCONFIGURED).exists()


@pytest.mark.parametrize("is_broken", [False, True])
def test_removal_of_a_further_bridge_works_where_dpkg_was_killed(services, is_broken):
    machine = services
    killed(machine, "jitsi-videobridge2")
    if is_broken:
        # A package that goes need not be configured before.
        machine.write("/throwaway/broken", "")
    code, said = play(machine, "absent")
    assert code == 0, said
    assert machine.package_state("jitsi-videobridge2") in ("", "not-installed")
    assert machine.run("dpkg", "--audit").stdout == ""
    assert not machine.path(UNCONFIGURED).exists()


def test_removal_names_a_package_of_others_that_dpkg_cannot_configure(machine):
    killed(machine, "theirs")
    machine.write("/throwaway/broken", "")
    code, said = play(machine, "absent")
    assert code != 0
    assert "The installation of theirs on bridge was interrupted, and dpkg cannot finish it: " in said, said


def test_removal_of_jitsi_works_where_dpkg_was_killed(services):
    machine = services
    killed(machine, "jitsi-meet-web")
    machine.write("/throwaway/broken", "")
    variables = {"jitsi_meet_fqdn": "a.example", "jitsi_meet_archive": "", "jitsi_meet_state": "absent"}
    # The role waits until prosody listens again.
    prosody = subprocess.Popen(machine.command("python3", "-m", "http.server", "5222"), stderr=subprocess.DEVNULL)
    try:
        code, said = machine.play_roles({"jitsi": {**variables, "role": "jitsi_meet", "parts": ["absent"]}})
    finally:
        prosody.kill()
        prosody.wait()
    assert code == 0, said
    assert machine.package_state("jitsi-meet-web") in ("", "not-installed")


def test_package_of_a_proxy_is_installed_where_dpkg_was_killed(machine):
    killed(machine, "theirs")
    include = {"name": "selfhosted.jitsi.common", "tasks_from": "packages"}
    task = {"name": "Install", "ansible.builtin.include_role": include, "vars": {"common_packages": ["theirs"]}}
    code, said = machine.play([task])
    assert code == 0, said
    assert machine.package_state("theirs") == "installed"
