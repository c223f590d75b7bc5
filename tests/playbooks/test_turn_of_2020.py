# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A TURN server of which clients would never learn is refused before anything changes."""

from __future__ import annotations

import re

import pytest
from throwaway import JITSI, refused_alone, throwaway

STATUS = "/var/lib/dpkg/status"
ENTRY = "Package: jitsi-meet\nStatus: install ok installed\nMaintainer: Nobody <nobody@jitsi.test>\nArchitecture: all\n"
ENTRY += "Version: {}\nDescription: stand-in\n\n"
SITE = "/etc/prosody/conf.avail/jitsi.test.cfg.lua"
OTHER = "/etc/prosody/conf.avail/other.test.cfg.lua"
GLOBAL = "/etc/prosody/prosody.cfg.lua"
#: The role's own one, in which a guest's host has the module.
OWN = "/etc/prosody/selfhosted-jitsi-authentication.cfg.lua"
OF_2020 = 'VirtualHost "jitsi.test"\n    modules_enabled = { "bosh"; "turncredentials"; --"external_services";\n }\n'
OF_TODAY = (
    'VirtualHost "jitsi.test"\n    modules_enabled = {\n        "bosh"; -- old\n        "external_services";\n    }\n'
)
EVERYWHERE = "modules_enabled = { 'external_services' }\n"
WANTED = {**JITSI, "jitsi_meet_coturn": "yes"}
#: What a run knows that has just installed everything.
BEFORE = {"common_machine": {"packages": {}}}
UNASKED = (
    "jitsi_meet_coturn: clients of jitsi-meet 1.0.4335-1, which {} has, ask prosody for no TURN server. Upgrade it with"
    " selfhosted.jitsi.upgrade, or set jitsi_meet_coturn to false."
)
UNANNOUNCED = (
    "jitsi_meet_coturn: prosody on {} would not announce the TURN server to clients, because none of its files enables"
    " external_services. Packages from before 2021 made /etc/prosody/conf.avail/jitsi.test.cfg.lua without it. Add"
    ' "external_services"; there to modules_enabled of VirtualHost "jitsi.test", in place of "turncredentials";, or set'
    " jitsi_meet_coturn to false."
)


def host(machine, name, version, site, parts=("machine",), files=(), **variables):
    """A machine with a release of Jitsi Meet; `site` is prosody's file of it."""
    status = machine.path(STATUS).read_text().rstrip("\n") + "\n\n"
    texts = {STATUS: status + (ENTRY.format(version) if version else ""), SITE: site, **dict(files)}
    shell = machine.shell(name, texts)
    return {"role": "jitsi_meet", "parts": list(parts), "ansible_shell_executable": shell, **WANTED, **variables}


@pytest.fixture(scope="module")
def said_of_cases(tmp_path_factory):
    """What one run says of each machine."""
    with throwaway(tmp_path_factory.mktemp("cases")) as machine:
        # To be bound over.
        for path in (SITE, OTHER, GLOBAL, OWN):
            machine.write(path, "")
        machine.sure("mkdir", "--parents", "/etc/prosody/conf.d")
        machine.sure("ln", "--symbolic", SITE, OTHER, "/etc/prosody/conf.d")
        new = "2.0.11146-1"
        hosts = {
            "of-2020": host(machine, "of-2020", "1.0.4335-1", OF_2020),
            "of-2020-prepared": host(machine, "of-2020-prepared", "1.0.4335-1", OF_TODAY),
            "upgraded": host(machine, "upgraded", new, OF_2020),
            "upgraded-with-guests": host(machine, "upgraded-with-guests", new, OF_2020, files={OWN: OF_TODAY}.items()),
            "just-installed": host(machine, "just-installed", "", OF_2020, parts=["files", "coturn"], **BEFORE),
            "upgraded-compared": host(machine, "upgraded-compared", new, OF_2020, parts=["compare"]),
            "of-today": host(machine, "of-today", new, OF_TODAY),
            "everywhere": host(machine, "everywhere", new, OF_2020, files={GLOBAL: EVERYWHERE}.items()),
            "not-asked-for": host(machine, "not-asked-for", "1.0.4335-1", OF_2020, jitsi_meet_coturn="no"),
        }
        code, said = machine.play_roles(hosts)
    assert code != 0
    return said


@pytest.mark.parametrize("name", ["of-2020", "of-2020-prepared"])
def test_clients_that_do_not_ask_are_named(said_of_cases, name):
    refused_alone(said_of_cases, name, UNASKED.format(name))


@pytest.mark.parametrize("name", ["upgraded", "upgraded-with-guests", "just-installed"])
def test_prosody_that_would_not_answer_is_named(said_of_cases, name):
    words = UNANNOUNCED.format(name)
    refused_alone(said_of_cases.replace('\\"', '"'), name, words)


@pytest.mark.parametrize("name", ["of-today", "everywhere", "not-asked-for"])
def test_others_pass(said_of_cases, name):
    assert re.search(rf" {name} : ok=\d+ changed=0 unreachable=0 failed=0 ", said_of_cases), said_of_cases


def test_comparison_of_the_check_goes_on(said_of_cases):
    assert "prosody on upgraded-compared would not" not in said_of_cases


def test_upgrade_is_the_remedy_and_refuses_before_the_first_package(tmp_path_factory):
    """It does not refuse clients that it replaces, but it refuses a file that nobody completes for it."""
    with throwaway(tmp_path_factory.mktemp("upgrade")) as machine:
        machine.write(SITE, "")
        machine.sure("mkdir", "--parents", "/etc/prosody/conf.d")
        machine.sure("ln", "--symbolic", SITE, "/etc/prosody/conf.d")
        hosts = {
            "complete": host(machine, "complete", "1.0.4335-1", OF_TODAY, parts=["upgrade"]),
            "incomplete": host(machine, "incomplete", "1.0.4335-1", OF_2020, parts=["upgrade"]),
        }
        code, said = machine.play_roles(hosts)
    assert code != 0
    refused_alone(said.replace('\\"', '"'), "incomplete", UNANNOUNCED.format("incomplete"))
    assert "ask prosody for no TURN server" not in said
    # It goes on to the network that leads nowhere.
    assert re.search(r"can have what is asked for\] \*+ (?:(?!TASK).)*ok: \[complete\]", said), said
