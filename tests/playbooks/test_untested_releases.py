# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release that the roles are not tested on is named before anything changes, and a variable allows it."""

from __future__ import annotations

import re

import pytest
import yaml
from throwaway import JITSI, refused_alone, throwaway

OTHERS = {
    "Debian GNU/Linux 11 (bullseye)": 'ID=debian\nVERSION_ID="11"\n',
    "Debian GNU/Linux forky/sid": "ID=debian\nVERSION_CODENAME=forky\n",
    "Ubuntu 24.04.1 LTS": 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n',
}
BULLSEYE = "Debian GNU/Linux 11 (bullseye)"
#: The machines of the example inventory, and a further bridge, with their roles.
MACHINES = {
    "host.example.org": "nat_host",
    "jitsi-vm.example.org": "jitsi_meet",
    "bridge1.example.org": "videobridge",
    "proxy.example.org": "reverse_proxy",
}
BRIDGE = {"videobridge": {"hosts": {"bridge1.example.org": {"videobridge_local_address": "192.168.122.121"}}}}
#: What the roles need to get as far as the release.
VARIABLES = {
    "nat_host": {"nat_host_public_address": "198.51.100.10"},
    "jitsi_meet": JITSI,
    "videobridge": {"videobridge_minimum_memory": 0, "videobridge_minimum_disk": 0},
    # Without sites a run installs no Apache.
    "reverse_proxy": {"reverse_proxy_acme_webroot": ""},
}
#: Where a role reads the machine. A bridge reads the Jitsi machine before itself, and can be asked for this alone.
READING = {"nat_host": "main", "jitsi_meet": "main", "videobridge": "machine", "reverse_proxy": "main"}
#: The same, without the tasks behind it that a check of a bare machine waits for.
READING_ALONE = {**READING, "jitsi_meet": "machine"}


def release(called):
    return f'PRETTY_NAME="{called}"\n{OTHERS[called]}'


def complaint(machine, role, called=BULLSEYE):
    return (
        f"{machine} runs {called}, but selfhosted.jitsi is tested only on Debian 12 and Debian 13. "
        f"Use a machine with one of these releases, or set {role}_allow_untested_release to true to go on"
    )


def refused(code, said, words):
    assert code != 0, said
    assert words in said, said
    assert not re.search(r"changed=[1-9]", said), said


def host(machine, role, *parts, called=BULLSEYE, **variables):
    """The variables of a host that runs a release, and parts of a role."""
    shell = machine.shell(f"shell{list(OTHERS).index(called)}", {"/etc/os-release": release(called)})
    return {"role": role, "parts": parts, "ansible_shell_executable": shell, **VARIABLES[role], **variables}


def went_on(said, name, task):
    """A machine ran this task, and was not refused."""
    results = r"(?:\w+: \[[^]]+\](?: => \([^)]*\))? )*"
    assert re.search(rf"TASK \[[^]]*{task}\] \*+ {results}(ok|changed): \[{name}\]", said), said
    assert f"{name} runs " not in said, said


@pytest.fixture(scope="module")
def said_of_cases(tmp_path_factory):
    """What one run says: each role on a refused machine, the host on each release, and what goes on there."""
    with throwaway(tmp_path_factory.mktemp("cases")) as machine:
        hosts = {f"refused-{role}": host(machine, role, part) for role, part in READING.items()}
        for number, called in enumerate(OTHERS):
            hosts[f"release-{number}"] = host(machine, "nat_host", "main", called=called)
        for role in ("jitsi_meet", "reverse_proxy", "nat_host"):
            hosts[f"compared-{role}"] = host(machine, role, "compare")
        code, said = machine.play_roles(hosts)
    assert code != 0
    return said


@pytest.fixture(scope="module")
def said_of_allowed(tmp_path_factory):
    """What one check says where a variable of each role allows the release."""
    words = [word for role in READING for word in ("--extra-vars", f"{role}_allow_untested_release=yes")]
    with throwaway(tmp_path_factory.mktemp("allowed")) as machine:
        parts = READING_ALONE.items()
        hosts = {f"allowed-{role}": host(machine, role, "os_release", part) for role, part in parts}
        return machine.play_roles(hosts, "--check", *words)[1]


class TestRoles:
    @pytest.mark.parametrize("role", READING)
    def test_role_refuses_the_machine_before_anything_changes(self, said_of_cases, role):
        refused_alone(said_of_cases, f"refused-{role}", complaint(f"refused-{role}", role))

    @pytest.mark.parametrize("role", READING_ALONE)
    def test_variable_allows_it_also_as_text(self, said_of_allowed, role):
        machine = {"nat_host": "host", "reverse_proxy": "proxy"}.get(role)
        task = f"the role is tested on the release of the {machine}" if machine else "the machine is suitable"
        went_on(said_of_allowed, f"allowed-{role}", f"Assert that {task}")
        assert "tested only on" not in said_of_allowed

    @pytest.mark.parametrize("called", OTHERS)
    def test_release_is_named(self, said_of_cases, called):
        name = f"release-{list(OTHERS).index(called)}"
        refused_alone(said_of_cases, name, f"{name} runs {called}, but ")

    def test_machine_that_does_not_say_its_release_is_refused(self, machine):
        machine.path("/etc/os-release").unlink()
        variables = {"role": "nat_host", **VARIABLES["nat_host"]}
        hosts = {"says-nothing": {**variables, "parts": ["main"]}, "read-alone": {**variables, "parts": ["os_release"]}}
        code, said = machine.play_roles(hosts)
        assert code != 0
        refused_alone(said, "says-nothing", complaint("says-nothing", "nat_host", "an unknown system"))
        words = (
            "Cannot read /etc/os-release of read-alone: cat: /etc/os-release: No such file or directory; set nat_host_"
        )
        refused_alone(said, "read-alone", words)

    @pytest.mark.parametrize("role", ["jitsi_meet", "reverse_proxy", "nat_host"])
    def test_comparison_of_the_check_goes_on(self, said_of_cases, role):
        went_on(said_of_cases, f"compared-{role}", "Read what differs")

    def test_removal_goes_on(self, machine):
        hosts = {"removed": host(machine, "nat_host", "main", nat_host_state="absent")}
        code, said = machine.play_roles(hosts, "--check")
        assert code == 0, said
        assert "Remove the sysctl drop-in" in said


@pytest.fixture
def site(machine):
    """Runs a playbook on machines of which one, or each, has another release; gives the exit code and what it said."""
    shell = machine.shell("other", {"/etc/os-release": release(BULLSEYE)})

    def run(playbook, others, *options, **variables):
        odd = {"hosts": {name: {"ansible_shell_executable": shell} for name in others}}
        machine.write("/throwaway/inventory.yml", yaml.safe_dump({**BRIDGE, "odd": odd}))
        said = {"ansible_connection": "local", "ansible_become": False, "ansible_host": "localhost"}
        said.update(
            {f"{role}_minimum_{what}": 0 for role in ("jitsi_meet", "videobridge") for what in ("memory", "disk")}
        )
        machine.write("/throwaway/variables.yml", yaml.safe_dump({**said, **variables}))
        words = (
            "--inventory",
            "inventory/example",
            "--inventory",
            "/throwaway/inventory.yml",
            f"playbooks/{playbook}.yml",
        )
        return machine.ansible(*words, "--extra-vars", "@/throwaway/variables.yml", *options)

    return run


class TestSite:
    @pytest.mark.parametrize("name", MACHINES)
    def test_machine_is_refused_before_any_machine_changes(self, site, name):
        code, said = site("site", [name])
        refused(code, said, complaint(name, MACHINES[name]))
        # The host is the first machine that changes, and reads itself first.
        assert ("PLAY [Configure the port forwards]" in said) == (name == "host.example.org")
        assert "PLAY [Install Jitsi Meet]" not in said

    def test_check_mode_says_the_same(self, site):
        refused(*site("site", ["proxy.example.org"], "--check"), complaint("proxy.example.org", "reverse_proxy"))

    def test_variable_allows_the_proxy_alone(self, site):
        _code, said = site("site", ["proxy.example.org"], "--check", reverse_proxy_allow_untested_release="true")
        assert "PLAY [Configure the port forwards]" in said, said
        assert "tested only on" not in said

    def test_part_of_the_site_asks_only_its_own_machine(self, site):
        others = set(MACHINES) - {"host.example.org"}
        _code, said = site("site", others, "--check", "--tags", "nat_host")
        assert "PLAY [Configure the port forwards]" in said, said
        assert "tested only on" not in said

    @pytest.mark.parametrize("name", MACHINES)
    def test_rename_refuses_a_machine_while_the_old_name_is_there(self, site, name):
        code, said = site("rename", [name], rename_from="old.example.org")
        refused(code, said, complaint(name, MACHINES[name]))
        assert "PLAY [Remove Jitsi Meet of the old name]" not in said

    @pytest.mark.parametrize("name", ["jitsi-vm.example.org", "bridge1.example.org"])
    def test_upgrade_refuses_a_machine_before_the_first_package(self, site, name):
        code, said = site("upgrade", [name])
        refused(code, said, complaint(name, MACHINES[name]))
        assert "TASK [selfhosted.jitsi.jitsi_meet : Configure the repository]" not in said

    def test_uninstall_removes_the_forwards_of_the_site_alone(self, site):
        """Forwards of others stay, so the role runs as for a site."""
        others = [{"protocol": "tcp", "port": 8080, "to": "192.168.122.110"}]
        words = ("--check", "--limit", "host.example.org")
        variables = {"uninstall": "jitsi.example.org", "nat_host_forwards": others}
        _code, said = site("uninstall", ["host.example.org"], *words, **variables)
        assert "TASK [selfhosted.jitsi.nat_host : Assert that the role is tested on the release of the host]" in said, (
            said
        )
        assert "tested only on" not in said
