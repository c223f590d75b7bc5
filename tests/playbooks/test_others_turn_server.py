# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A coturn that somebody else configured is neither taken over nor removed."""

from __future__ import annotations

import os
import re

import pytest
from throwaway import JITSI, refused_alone, throwaway

CONFIG = "/etc/turnserver.conf"
STOCK = "# What the package brings.\n"
MINE = "listening-port=3478\nuser=phones:hidden-secret\n"
#: The line by which the scripts of Jitsi's package know their own file.
OF_JITSI = "# jitsi-meet coturn config. Do not modify this line\nuse-auth-secret\n"
UNIT = "/etc/systemd/system/coturn.service"
OVERRIDE = f"{UNIT}.d/override.conf"
OWN = f"{UNIT}.d/selfhosted-jitsi.conf"
OWN_EXEC = "[Service]\nExecStart=\nExecStart=/usr/local/bin/turnserver -c /srv/turn.conf\n"
RUNS = "ActiveState=active\nUnitFileState=enabled\nLoadState=loaded\n"
STARTS = "ActiveState=inactive\nUnitFileState=enabled\nLoadState=loaded\n"
STOPPED = "ActiveState=inactive\nUnitFileState=disabled\nLoadState=loaded\n"
#: There is no systemd on the machine: the state of the one unit that is asked for.
SYSTEMCTL = "#!/bin/sh\ncat /throwaway/unit\n"
WANTED = {**JITSI, "jitsi_meet_coturn": "yes"}
PURGE = '#!/bin/sh\nset -e\nif [ "$1" = purge ]; then rm -f /etc/turnserver.conf; fi\n'
ENVIRONMENT = {"PATH": f"/throwaway/bin:{os.environ['PATH']}"}


def with_coturn(machine):
    """Have coturn with the configuration of its package, and a systemd that knows it."""
    machine.install("coturn", {CONFIG: STOCK, "/DEBIAN/conffiles": f"{CONFIG}\n"})
    machine.write("/throwaway/bin/systemctl", SYSTEMCTL)
    machine.path("/throwaway/bin/systemctl").chmod(0o755)
    machine.write("/throwaway/unit", RUNS)
    # To be bound over.
    for path in (UNIT, OVERRIDE):
        machine.write(path, "")


def host(machine, name, files, part="machine", **variables):
    shell = machine.shell(name, files)
    return {"role": "jitsi_meet", "parts": [part], "ansible_shell_executable": shell, **WANTED, **variables}


def passed(said, name):
    assert re.search(rf" {name} : ok=\d+ changed=0 unreachable=0 failed=0 ", said), said


@pytest.fixture(scope="module")
def said_of_cases(tmp_path_factory):
    """What one run says of each machine."""
    with throwaway(tmp_path_factory.mktemp("cases")) as machine:
        with_coturn(machine)
        hosts = {
            "configured": host(machine, "configured", {CONFIG: MINE}),
            "starts-at-boot": host(machine, "starts-at-boot", {CONFIG: MINE, "/throwaway/unit": STARTS}),
            "own-unit": host(machine, "own-unit", {UNIT: OWN_EXEC}),
            "own-command": host(machine, "own-command", {OVERRIDE: OWN_EXEC}),
            "stock": host(machine, "stock", {}),
            "of-jitsi": host(machine, "of-jitsi", {CONFIG: OF_JITSI}),
            "limits-alone": host(machine, "limits-alone", {OVERRIDE: "[Service]\nLimitNOFILE=9999\n"}),
            "stopped": host(machine, "stopped", {CONFIG: MINE, "/throwaway/unit": STOPPED}),
            "not-asked-for": host(machine, "not-asked-for", {CONFIG: MINE}, jitsi_meet_coturn="no"),
            "compared": host(machine, "compared", {CONFIG: MINE}, part="compare"),
        }
        code, said = machine.play_roles(hosts, **ENVIRONMENT)
    assert code != 0
    assert "hidden-secret" not in said
    return said


class TestTakeover:
    @pytest.mark.parametrize(
        ("name", "path"),
        [("configured", CONFIG), ("starts-at-boot", CONFIG), ("own-unit", UNIT), ("own-command", OVERRIDE)],
    )
    def test_coturn_of_others_is_refused_before_anything_changes(self, said_of_cases, name, path):
        words = (
            f"jitsi_meet_coturn: {name} has a coturn that this role did not configure: {path}. Set jitsi_meet_coturn to"
            " false to keep it, or run `systemctl disable --now coturn` there to let this role run its own."
        )
        refused_alone(said_of_cases, name, words)

    @pytest.mark.parametrize("name", ["stock", "of-jitsi", "limits-alone", "stopped", "not-asked-for"])
    def test_coturn_that_nobody_configured_is_taken(self, said_of_cases, name):
        passed(said_of_cases, name)

    def test_comparison_of_the_check_goes_on(self, said_of_cases):
        assert "compared has a coturn" not in said_of_cases

    @pytest.mark.parametrize("mark", [OWN, "/etc/selfhosted-jitsi/turnserver.conf"])
    def test_coturn_of_this_role_stays_its_own(self, machine, mark):
        """Whatever its package's file says, which it does not read."""
        with_coturn(machine)
        machine.write(CONFIG, MINE)
        machine.write(mark, "")
        code, said = machine.play_roles({"ours": host(machine, "ours", {})}, **ENVIRONMENT)
        assert code == 0, said
        passed(said, "ours")


def part(name):
    include = {"name": "selfhosted.jitsi.jitsi_meet", "tasks_from": name, "rolespec_validate": False}
    return {"name": f"Run {name}", "ansible.builtin.include_role": include, "vars": JITSI}


#: Handlers would reload an nginx that is not there.
END = {"name": "End", "ansible.builtin.meta": "end_host"}
WITHOUT_TURNSERVER = [part("machine"), part("hold"), part("without_turnserver"), END]
#: The role as far as it takes packages away.
UNINSTALL = {"jitsi_meet_state": "absent", "jitsi_meet_archive": ""}


def states(machine):
    """How much of the two packages is there."""
    words = ["--show", "--showformat=${Package} ${db:Status-Status}\\n", "coturn", "jitsi-meet-turnserver"]
    return dict(line.split() for line in machine.run("dpkg-query", *words).stdout.splitlines())


@pytest.fixture
def turnserver(machine):
    """A machine on which Jitsi's package has configured a coturn."""
    with_coturn(machine)
    machine.install("jitsi-meet-turnserver", {"/DEBIAN/postrm": PURGE}, "Depends: coturn\n")
    machine.write(CONFIG, OF_JITSI)
    return machine


def test_files_of_others_leave_nothing_to_do(machine):
    """What is found counts as owed. Then no run would ever end early, and the check would blame the file."""
    with_coturn(machine)
    machine.write(CONFIG, OF_JITSI)
    right = [
        "jitsi_meet_files.found.values() | flatten == ['/etc/turnserver.conf']",
        "common_look.by_name.files.found == {}",
        "'others' in common_look.owed and 'others' not in jitsi_meet_differences.results",
    ]
    tasks = [part("compare"), {"name": "Compare", "ansible.builtin.assert": {"that": right}}]
    code, said = machine.play(tasks, **ENVIRONMENT)
    assert code == 0, said


class TestRemoval:
    def test_coturn_of_jitsis_package_goes_with_it(self, turnserver):
        code, said = turnserver.play(WITHOUT_TURNSERVER, **ENVIRONMENT)
        assert code == 0, said
        assert set(states(turnserver).values()) <= {"not-installed"}
        assert not turnserver.path(CONFIG).exists()

    @pytest.mark.parametrize("variables", [{}, UNINSTALL], ids=["run", "uninstall"])
    def test_coturn_that_somebody_configured_stays(self, turnserver, variables):
        """Also its file, which a purge of Jitsi's package removes whatever is in it."""
        turnserver.write(CONFIG, MINE)
        tasks = [part("main")] if variables else WITHOUT_TURNSERVER
        _code, said = turnserver.play(tasks, variables=variables, **ENVIRONMENT)
        assert states(turnserver) == {"coturn": "installed", "jitsi-meet-turnserver": "config-files"}, said
        assert turnserver.path(CONFIG).read_text() == MINE
        assert "hidden-secret" not in said
        # After another one, too.
        turnserver.play(tasks, variables=variables, **ENVIRONMENT)
        assert states(turnserver) == {"coturn": "installed", "jitsi-meet-turnserver": "config-files"}
        assert turnserver.path(CONFIG).read_text() == MINE
