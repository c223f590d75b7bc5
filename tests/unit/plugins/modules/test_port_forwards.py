# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import fcntl
import json
import socket
import subprocess
import sys
from ipaddress import IPv4Address

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import conntrack as flows
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import persistence
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import parse_request
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import port_forwards
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell import commands, lock
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import conntrack as forgetting
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import iptables as firewall
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import netlink as conntrack
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import persistence as written
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import rollback

RESTORE = ("iptables-restore", "--noflush", "-w", "30")
ADDRESSES = json.dumps([{"addr_info": [{"family": "inet", "local": "198.51.100.10"}]}])

FILTER = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n{}COMMIT\n"
NAT = "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n{}COMMIT\n"
ACCEPT = (
    ":PF-j-FWD - [0:0]\n"
    "{}"
    "-A PF-j-FWD -s 192.168.122.0/24 -m conntrack --ctstate DNAT --ctdir REPLY -j ACCEPT\n"
    "-A PF-j-FWD -d 192.168.122.100/32 -p tcp -m tcp --dport 443 -m conntrack --ctstate DNAT -j ACCEPT\n"
)
TRANSLATE = (
    ":PF-j-DNAT - [0:0]\n"
    "{}-A PF-j-DNAT -d 198.51.100.10/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 192.168.122.100\n"
)
FILTER_DONE = FILTER.format(ACCEPT.format("-A FORWARD -j PF-j-FWD\n"))
NAT_DONE = NAT.format(TRANSLATE.format("-A PREROUTING -j PF-j-DNAT\n"))
FEED_FILTER = "*filter\n" + ACCEPT.format("") + "-I FORWARD 1 -j PF-j-FWD\nCOMMIT\n"
FEED_NAT = "*nat\n" + TRANSLATE.format("") + "-I PREROUTING 1 -j PF-j-DNAT\nCOMMIT\n"

REQUEST = {
    "name": "j",
    "public_address": "198.51.100.10",
    "network": "192.168.122.0/24",
    "forwards": [{"protocol": "tcp", "port": 443, "to": "192.168.122.100"}],
    "hairpin": False,
    "masquerade": False,
}


UDP = {**REQUEST, "forwards": [{"protocol": "udp", "port": 443, "to": "192.168.122.100"}]}


class Host:
    """A host as its commands show it: what it is fed with is in force, unless a test says otherwise."""

    def __init__(self):
        self.tables = {"filter": FILTER.format(""), "nat": NAT.format("")}
        self.answers = {
            ("ip", "-json", "address", "show"): (0, ADDRESSES, ""),
            ("iptables", "--version"): (0, "iptables v1.8.9 (nf_tables)\n", ""),
            ("nft", "-j", "list", "chains"): FileNotFoundError(),
        }
        self.fed = []
        self.ran = []
        self.effects = [FILTER_DONE, NAT_DONE]
        self.has_iptables = True

    def run(self, argv, stdin):
        self.ran.append(tuple(argv))
        if argv[0].startswith("iptables") and not self.has_iptables:
            raise FileNotFoundError(argv[0])
        if argv[:2] == ["iptables-save", "-t"] and tuple(argv) not in self.answers:
            return 0, self.tables[argv[2]], ""
        answer = self.answers.get(tuple(argv), (0, "", ""))
        if isinstance(answer, Exception):
            raise answer
        if tuple(argv) == RESTORE and answer[0] == 0:
            self.fed.append(stdin)
            self.tables.update({stdin[1 : stdin.index("\n")]: self.effects.pop(0)} if self.effects else {})
        return answer

    def is_as_asked(self):
        self.tables = {"filter": FILTER_DONE, "nat": NAT_DONE}


@pytest.fixture
def host():
    return Host()


@pytest.fixture
def call(monkeypatch, capsys, tmp_path, host):
    """Run the module on the host: ``call(parameters, check_mode=True)`` gives its result."""
    for module in (lock, rollback):
        monkeypatch.setattr(module, "RUNTIME", str(tmp_path / "run"))
    monkeypatch.setattr(firewall, "_LEGACY_TABLES", str(tmp_path / "none"))
    for name in ("REQUESTS", "LIBRARY", "UNIT_FILE", "LIBVIRT", "FIREWALLD", "WATCH_FILE", "HOOK"):
        monkeypatch.setattr(persistence, name, str(tmp_path) + getattr(persistence, name))
    monkeypatch.setattr(persistence, "UNITS", {persistence.UNIT: persistence.UNIT_FILE})
    monkeypatch.setattr(written, "refuse_without_systemd", lambda: None)
    for module, function in ((port_forwards, "run"), (rollback, "run_command")):
        monkeypatch.setattr(module, function, host.run)

    def call_module(parameters=None, **flags):
        arguments = {
            **(REQUEST if parameters is None else parameters),
            **{f"_ansible_{key}": flags[key] for key in flags},
        }
        with patch_module_args(arguments), pytest.raises(SystemExit):
            port_forwards.main()
        return json.loads(capsys.readouterr().out)

    return call_module


def test_what_is_missing_is_made_and_verified(call, host):
    result = call()
    assert result["changed"]
    assert result["commands"] == (FEED_FILTER + FEED_NAT).splitlines()
    assert host.fed == [FEED_FILTER, FEED_NAT]
    assert result["notes"] == []
    assert "diff" not in result


def test_what_is_there_is_only_read(call, host):
    host.is_as_asked()
    result = call(diff=True)
    assert (result["changed"], result["commands"], result["diff"], host.fed) == (False, [], [], [])


def test_check_mode_tells_what_a_run_does(call, host, tmp_path):
    predicted = call(check_mode=True, diff=True)
    assert host.fed == []
    assert list(tmp_path.iterdir()) == []
    done = call(diff=True)
    assert predicted == done
    assert [entry["before"] for entry in done["diff"]] == ["", ""]
    assert done["diff"][0]["after"] == "*filter\n" + ACCEPT.format("-A FORWARD -j PF-j-FWD\n")


def test_only_the_table_that_differs_is_written(call, host):
    host.tables["filter"] = FILTER_DONE
    host.effects = [NAT_DONE]
    result = call(diff=True)
    assert host.fed == [FEED_NAT]
    assert [entry["after_header"] for entry in result["diff"]] == ["iptables -t nat"]


def test_absent_needs_nothing_but_the_name(call, host):
    host.tables["nat"] = NAT_DONE
    host.effects = [NAT.format("")]
    result = call({"name": "j", "state": "absent"})
    assert result["changed"]
    assert host.fed == ["*nat\n:PF-j-DNAT - [0:0]\n-D PREROUTING -j PF-j-DNAT\n-X PF-j-DNAT\nCOMMIT\n"]


def test_rules_that_are_not_as_asked_afterwards_are_a_failure(call, host):
    host.effects = []
    result = call()
    assert result["failed"]
    assert "Cannot verify the rules" in result["msg"]
    assert "\n--- iptables -t filter as requested\n+++ iptables -t filter as found\n" in result["msg"]
    assert "\n--A FORWARD -j PF-j-FWD\n" in result["msg"]


def test_somebody_else_who_changes_a_table_meanwhile_is_no_failure(call, host):
    host.effects = [FILTER.format(""), NAT_DONE, FILTER_DONE]
    assert call()["changed"]
    assert host.fed == [FEED_FILTER, FEED_NAT, FEED_FILTER]


def test_a_refused_ruleset_is_a_failure_that_names_the_table(call, host):
    host.answers[RESTORE] = (1, "", "iptables-restore: line 5 failed\n")
    assert call()["msg"] == (
        "Cannot change the table filter: 'iptables-restore --noflush -w 30' failed with exit code 1: "
        "iptables-restore: line 5 failed"
    )


@pytest.mark.parametrize(
    ("argv", "package"),
    [(("iptables-save", "-t", "filter"), "iptables"), (("ip", "-json", "address", "show"), "iproute2")],
)
def test_a_missing_command_is_named_with_its_package(call, host, argv, package):
    host.answers[argv] = FileNotFoundError()
    assert call()["msg"].endswith(f"the command {argv[0]} is missing; install the package {package}")


def test_without_root_the_remedy_is_named(call, host):
    host.answers["iptables-save", "-t", "filter"] = (4, "", "Permission denied (you must be root)\n")
    assert call()["msg"].endswith("; run as root")


def test_a_public_address_that_is_not_there_is_refused_before_anything_is_written(call, host):
    result = call({**REQUEST, "public_address": "198.51.100.11"})
    assert "(addresses: 198.51.100.10" in result["msg"]
    assert host.ran == [("ip", "-json", "address", "show")]
    host.is_as_asked()
    host.tables["nat"] = NAT_DONE.replace("198.51.100.10", "198.51.100.11")
    elsewhere = {**REQUEST, "public_address": "198.51.100.11", "public_address_elsewhere": True}
    assert call(elsewhere)["changed"] is False


class Connections:
    """The kernel's table of connections, with one flow that goes to the host itself.

    :param reopened: how often a late answer opens the flow again after it was deleted.
    """

    FLOW = flows.Flow(IPv4Address("198.51.100.20"), 40000, *[IPv4Address("198.51.100.10"), 443] * 2)

    def __init__(self, monkeypatch, error=None, reopened=0):
        self.deleted = []
        self.error = error
        self.left = 1 + reopened
        monkeypatch.setattr(conntrack, "open_socket", self.open)
        monkeypatch.setattr(conntrack, "udp_flows", lambda _connection: [(self.FLOW, b"key")] if self.left else [])
        monkeypatch.setattr(conntrack, "delete", self.delete)
        monkeypatch.setattr(forgetting, "_PAUSE", 0)

    def delete(self, _connection, keys, _goes_on):
        self.deleted.extend(keys)
        self.left -= 1
        return len(keys)

    def open(self):
        if self.error:
            raise self.error
        return socket.socket()


def test_flows_of_udp_that_go_elsewhere_are_forgotten(call, host, monkeypatch):
    connections = Connections(monkeypatch)
    host.effects = [done.replace("tcp", "udp") for done in host.effects]
    assert call(UDP)["notes"] == ["1 UDP flow(s) to earlier targets were deleted"]
    assert connections.deleted == [b"key"]
    assert call(UDP)["notes"] == []
    assert connections.deleted == [b"key"]


def test_flow_that_late_answers_open_again_is_forgotten_each_time_and_counted_once(call, host, monkeypatch):
    connections = Connections(monkeypatch, reopened=3)
    host.effects = [done.replace("tcp", "udp") for done in host.effects]
    assert call(UDP)["notes"] == ["1 UDP flow(s) to earlier targets were deleted"]
    assert connections.deleted == [b"key"] * 4


def test_guest_that_opens_its_flows_again_and_again_is_named(call, host, monkeypatch):
    Connections(monkeypatch, reopened=1000)
    host.effects = [done.replace("tcp", "udp") for done in host.effects]
    done, failure = call(UDP)["notes"]
    assert done == "1 UDP flow(s) to earlier targets were deleted"
    assert failure.startswith("Earlier targets keep sending to their clients, and open deleted UDP flows again: a ")


def test_flows_are_forgotten_when_the_rules_are_confirmed_and_not_before(call, host, monkeypatch):
    connections = Connections(monkeypatch)
    host.effects = [done.replace("tcp", "udp") for done in host.effects]
    token = call({**UDP, "rollback": 60})["confirm"]
    assert not connections.deleted
    assert "1 UDP flow(s)" in call({**UDP, "rollback": 60, "confirm": token})["notes"][0]
    assert connections.deleted


def test_flows_that_the_kernel_keeps_are_named(call, host, monkeypatch):
    Connections(monkeypatch, PermissionError(1, "Operation not permitted"))
    host.effects = [done.replace("tcp", "udp") for done in host.effects]
    result = call(UDP)
    assert result["changed"]
    assert "Cannot delete UDP flows: [Errno 1] Operation not permitted; a client" in result["notes"][0]


def test_an_error_is_told_at_once_although_the_rules_would_be_put_back(call, host, monkeypatch):
    monkeypatch.setattr(lock, "_SECONDS", 2)
    host.answers[RESTORE] = (1, "", "iptables-restore: line 5 failed\n")
    assert call({**REQUEST, "rollback": 3600})["msg"].endswith("iptables-restore: line 5 failed")


def test_what_comes_back_is_written_under_the_lock_that_the_rules_were_changed_under(call, host, monkeypatch, tmp_path):
    tried = []

    class Kept:
        changed = True

        def write(self):
            tried.append(host.fed[:])
            with (tmp_path / "run" / "lock").open() as file, pytest.raises(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    monkeypatch.setattr(port_forwards, "kept_forwards", lambda *_arguments: Kept())
    assert call()["changed"]
    assert tried == [[FEED_FILTER, FEED_NAT]]


def test_a_check_before_iptables_is_installed_says_what_would_come(call, host):
    host.has_iptables = False
    result = call(check_mode=True, diff=True)
    assert result["changed"]
    assert result["commands"] == (FEED_FILTER + FEED_NAT).splitlines()
    assert result["notes"] == ["iptables is not installed yet: check mode assumes a host without rules"]
    assert "iptables" in call()["msg"]


@pytest.mark.parametrize("check_mode", [False, True])
def test_where_iptables_is_gone_absent_takes_the_rest_away(call, host, tmp_path, check_mode):
    assert call({**REQUEST, "persistent": True})["changed"]
    assert own_files(tmp_path)
    host.has_iptables = False
    result = call({"name": "j", "state": "absent"}, check_mode=check_mode)
    assert (result.get("changed"), result.get("notes")) == (True, []), result
    assert bool(own_files(tmp_path)) == check_mode
    assert call({"name": "j", "state": "absent"})["changed"] == check_mode


def test_what_is_kept_for_the_next_boot_runs_without_the_collection(call, tmp_path):
    assert call({**REQUEST, "persistent": True})["changed"]
    words = f"import sys; sys.path.insert(0, {persistence.LIBRARY!r}); import port_forwards._shell.forwards.reapply"
    done = subprocess.run([sys.executable, "-I", "-c", words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def own_files(tmp_path):
    return [path for folder in ("etc", "usr") for path in (tmp_path / folder).rglob("*") if path.is_file()]


@pytest.mark.usefixtures("call")
def test_an_absent_that_is_killed_leaves_nothing_that_the_next_one_does_not_see(monkeypatch, tmp_path):
    (tmp_path / "etc/libvirt").mkdir(parents=True)
    real, left = written._write, [0]

    def write(path, file):
        if not left[0]:
            raise InterruptedError
        left[0] -= 1
        real(path, file)

    monkeypatch.setattr(written, "_write", write)
    survived = 0
    while True:
        left[0] = 1000
        port_forwards.kept_forwards("j", parse_request(REQUEST)).write()
        left[0] = survived
        try:
            port_forwards.kept_forwards("j", None).write()
            break
        except InterruptedError:
            left[0] = 1000
            port_forwards.kept_forwards("j", None).write()
            assert not own_files(tmp_path), survived
            survived += 1
    assert survived > 10


@pytest.mark.parametrize("seconds", [-1, 4, 3601])
def test_a_rollback_that_nobody_could_confirm_is_refused(call, host, seconds):
    assert "use 5 to 3600 seconds, or 0" in call({**REQUEST, "rollback": seconds})["msg"]
    assert host.ran == []


def test_a_confirmation_that_comes_too_late_is_a_failure(call, host):
    result = call({**REQUEST, "rollback": 5, "confirm": "0123456789abcdef"})
    assert "the host has restored the earlier rules" in result["msg"]
    assert host.fed == []


def test_a_bad_request_is_refused_before_anything_is_read(call, host):
    result = call({**REQUEST, "network": "192.168.122.1/24"})
    assert "use 192.168.122.0/24" in result["msg"]
    assert host.ran == []


def test_present_needs_the_whole_request(call):
    assert "public_address, network, forwards" in call({"name": "j"})["msg"]


def test_bytes_that_are_not_text_do_not_break_the_result(call, host):
    host.tables["filter"] = FILTER.format(':PF-j-FWD - [0:0]\n-A PF-j-FWD -m comment --comment "\udcff" -j DROP\n')
    result = call({"name": "j", "state": "absent"}, check_mode=True, diff=True)
    assert "\ufffd" in result["diff"][0]["before"]


def test_commands_get_their_input_and_speak_english():
    status, output, errors = commands.run(["sh", "-c", "cat; echo $LC_ALL; echo no >&2; exit 3"], "\udcffa\n")
    assert (status, output, errors) == (3, "\udcffa\nC\n", "no\n")


def test_a_missing_command_is_reported_as_such():
    with pytest.raises(FileNotFoundError):
        commands.run(["missing"], "")
