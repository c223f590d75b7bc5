# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token package goes only if the role has installed it."""

from __future__ import annotations

import re

import pytest
from throwaway import JITSI

PACKAGE = "jitsi-meet-tokens"
NOTE = "/etc/selfhosted-jitsi/installed"
FILE = "/etc/prosody/selfhosted-jitsi-authentication.cfg.lua"
SITE = 'Component "conference.jitsi.test" "muc"\n  modules_enabled = { "muc_hide_all"; "token_verification" }\n'
LIST = "/etc/apt/sources.list.d/stand-ins.list"
VARIABLES = {
    **JITSI,
    "jitsi_meet_jwt_app_id": "portal",
    "jitsi_meet_jwt_app_secret": "hidden-secret",
}
#: Handlers would restart a prosody that is not there.
END = {"name": "End", "ansible.builtin.meta": "end_host"}


def authenticate(machine, way, *options, **variables):
    """Run the tasks of the role that have a way to open rooms; return what they said."""
    parts = ["machine", "hold", "authentication"]
    tasks = [
        {
            "name": f"Run {part}",
            "ansible.builtin.include_role": {
                "name": "selfhosted.jitsi.jitsi_meet",
                "tasks_from": part,
                "rolespec_validate": False,
            },
            "vars": {**VARIABLES, "jitsi_meet_authentication": way, **variables},
        }
        for part in parts
    ]
    code, said = machine.play([*tasks, END], *options)
    assert code == 0, said
    assert "hidden-secret" not in said
    return said


def is_installed(machine):
    return machine.package_state(PACKAGE) == "installed"


def note(machine):
    path = machine.path(NOTE)
    return path.read_text() if path.exists() else None


def changes(said):
    return re.search(r"changed=(\d+)", said)[1]


@pytest.fixture
def jitsi(machine):
    """A machine with a site, and with a repository of the package."""
    if machine.run("getent", "group", "prosody").returncode:
        machine.sure("groupadd", "prosody")
    machine.write("/etc/prosody/prosody.cfg.lua", "")
    machine.write("/etc/prosody/conf.avail/jitsi.test.cfg.lua", SITE)
    machine.sure("mkdir", "--parents", "/etc/prosody/conf.d", "/throwaway/repository")
    machine.write("/etc/jitsi/meet/jitsi.test-config.js", "var config = {};\n")
    machine.write("/etc/jitsi/jicofo/jicofo.conf", "jicofo {}\n")
    machine.sure("mv", machine.package(PACKAGE, {}), "/throwaway/repository")
    machine.sure("sh", "-c", "cd /throwaway/repository && apt-ftparchive packages . > Packages")
    machine.write(LIST, "deb [trusted=yes] file:/throwaway/repository ./\n")
    machine.write("/etc/apt/apt.conf.d/99root", 'APT::Sandbox::User "root";\n')
    options = (f"--option=Dir::Etc::SourceList={LIST}", "--option=Dir::Etc::SourceParts=-")
    machine.sure("apt-get", "update", "--quiet=2", *options)
    return machine


def test_package_of_the_role_goes_as_a_check_says(jitsi):
    checked = changes(authenticate(jitsi, "jwt", "--check"))
    assert not jitsi.path(NOTE).exists()
    assert changes(authenticate(jitsi, "jwt")) == checked
    assert is_installed(jitsi)
    assert note(jitsi) == f"{PACKAGE}\n"
    assert changes(authenticate(jitsi, "jwt")) == "0"
    assert note(jitsi) == f"{PACKAGE}\n"
    checked = changes(authenticate(jitsi, "internal", "--check"))
    assert changes(authenticate(jitsi, "internal")) == checked
    assert not is_installed(jitsi)
    assert note(jitsi) is None
    assert changes(authenticate(jitsi, "internal")) == "0"


def test_package_of_the_role_goes_by_its_name_of_that_time(jitsi):
    authenticate(jitsi, "jwt")
    authenticate(jitsi, "none", jitsi_meet_jwt_package="")
    assert not is_installed(jitsi)
    assert not jitsi.path(FILE).exists()


@pytest.mark.parametrize("way", ["internal", "none"])
def test_package_of_others_stays_and_is_named(jitsi, way):
    """Also if the role has used it, or has run before."""
    jitsi.sure("dpkg", "--install", f"/throwaway/repository/{PACKAGE}.deb")
    authenticate(jitsi, "jwt")
    for _run in range(2):
        said = authenticate(jitsi, way)
        assert is_installed(jitsi)
        assert note(jitsi) is None
    assert changes(said) == "0"
    words = (
        f"{PACKAGE} on localhost stays, because this role did not install it. Its lines in"
        " /etc/prosody/conf.avail/jitsi.test.cfg.lua still count. If nobody uses tokens any more, run"
        f" `apt-get purge {PACKAGE}` there"
    )
    assert words in said


def test_note_of_a_package_that_is_gone_goes(jitsi):
    """As a run leaves it that was cut off in between."""
    authenticate(jitsi, "jwt")
    jitsi.sure("dpkg", "--purge", PACKAGE)
    assert "stays, because" not in authenticate(jitsi, "internal")
    assert note(jitsi) is None
