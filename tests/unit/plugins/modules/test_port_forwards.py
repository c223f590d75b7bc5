# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.modules import port_forwards

SAVE_FILTER = ("iptables-save", "-t", "filter")
SAVE_NAT = ("iptables-save", "-t", "nat")
RESTORE = ("iptables-restore", "--noflush", "-w", "30")
LIBVIRT = ("nft", "list", "table", "ip", "libvirt_network")
NO_TABLE = (1, "", "Error: No such file or directory")

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

BARE = [(SAVE_FILTER, "", (0, FILTER.format(""), "")), (SAVE_NAT, "", (0, NAT.format(""), ""))]
DONE = [(SAVE_FILTER, "", (0, FILTER_DONE, "")), (SAVE_NAT, "", (0, NAT_DONE, ""))]
NO_LIBVIRT = [(LIBVIRT, "", NO_TABLE)]
FEED = [(RESTORE, FEED_FILTER, (0, "", "")), (RESTORE, FEED_NAT, (0, "", ""))]

REQUEST = {
    "name": "j",
    "public_address": "198.51.100.10",
    "network": "192.168.122.0/24",
    "forwards": [{"protocol": "tcp", "port": 443, "to": "192.168.122.100"}],
    "hairpin": False,
    "masquerade": False,
}


@pytest.fixture
def call(monkeypatch, capsys):
    """Return a function that runs the module with a script of (argv, stdin, answer), to be used up exactly."""

    def call_module(script, parameters=None, **flags):
        steps = list(script)

        def run(argv, stdin):
            expected_argv, expected_stdin, answer = steps.pop(0)
            assert (tuple(argv), stdin) == (expected_argv, expected_stdin)
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(port_forwards, "module_runner", lambda module: run)
        arguments = {
            **(REQUEST if parameters is None else parameters),
            **{f"_ansible_{key}": flags[key] for key in flags},
        }
        with patch_module_args(arguments), pytest.raises(SystemExit):
            port_forwards.main()
        assert not steps
        return json.loads(capsys.readouterr().out)

    return call_module


def test_what_is_missing_is_made_and_verified(call):
    result = call([*BARE, *NO_LIBVIRT, *FEED, *DONE])
    assert result["changed"]
    assert result["commands"] == (FEED_FILTER + FEED_NAT).splitlines()
    assert "diff" not in result


def test_what_is_there_is_only_read(call):
    result = call([*DONE, *NO_LIBVIRT], diff=True)
    assert not result["changed"]
    assert result["commands"] == []
    assert result["diff"] == []


def test_check_mode_tells_what_a_run_does(call):
    predicted = call([*BARE, *NO_LIBVIRT], check_mode=True, diff=True)
    done = call([*BARE, *NO_LIBVIRT, *FEED, *DONE], diff=True)
    assert predicted == done
    assert [entry["before"] for entry in done["diff"]] == ["", ""]
    assert done["diff"][0]["after"] == "*filter\n" + ACCEPT.format("-A FORWARD -j PF-j-FWD\n")


def test_only_the_table_that_differs_is_written(call):
    result = call([DONE[0], BARE[1], *NO_LIBVIRT, FEED[1], *DONE], diff=True)
    assert [entry["after_header"] for entry in result["diff"]] == ["iptables -t nat"]


def test_absent_needs_nothing_but_the_name(call):
    feed = "*nat\n:PF-j-DNAT - [0:0]\n-D PREROUTING -j PF-j-DNAT\n-X PF-j-DNAT\nCOMMIT\n"
    result = call([BARE[0], DONE[1], (RESTORE, feed, (0, "", "")), *BARE], {"name": "j", "state": "absent"})
    assert result["changed"]


def test_rules_that_are_not_as_asked_afterwards_are_a_failure(call):
    result = call([*BARE, *NO_LIBVIRT, *FEED, BARE[0], DONE[1]])
    assert result["failed"]
    assert "Cannot verify the rules" in result["msg"]
    assert "\n--- filter as asked\n+++ filter as iptables-save shows it now\n" in result["msg"]
    assert "\n--A FORWARD -j PF-j-FWD\n" in result["msg"]


def test_a_refused_ruleset_is_a_failure_that_names_the_table(call):
    answer = (1, "", "iptables-restore: line 5 failed\n")
    result = call([*BARE, *NO_LIBVIRT, (RESTORE, FEED_FILTER, answer)])
    assert result["msg"] == (
        "Cannot change the table filter: 'iptables-restore --noflush -w 30' returned 1 and said: "
        "iptables-restore: line 5 failed"
    )


def test_without_iptables_the_package_is_named(call):
    result = call([(SAVE_FILTER, "", FileNotFoundError())])
    assert result["msg"].endswith("the command iptables-save is missing; install the package iptables")


def test_without_root_the_remedy_is_named(call):
    result = call([(SAVE_FILTER, "", (4, "", "Permission denied (you must be root)\n"))])
    assert result["msg"].endswith("; become root")


def test_without_nft_there_is_no_nftables_backend(call):
    assert call([*DONE, (LIBVIRT, "", FileNotFoundError())])["changed"] is False


def test_without_forwards_libvirt_is_not_asked(call):
    assert call(BARE, {**REQUEST, "forwards": []})["changed"] is False


@pytest.mark.parametrize("check_mode", [False, True])
def test_libvirt_with_nftables_is_refused_before_anything_is_written(call, check_mode):
    listing = 'table ip libvirt_network {\noif "virbr0" ip daddr 192.168.122.0/24 accept\n}\n'
    result = call([*BARE, (LIBVIRT, "", (0, listing, ""))], check_mode=check_mode)
    assert "restart libvirtd" in result["msg"]


def test_a_bad_request_is_refused_before_anything_is_read(call):
    result = call([], {**REQUEST, "network": "192.168.122.1/24"})
    assert "write 192.168.122.0/24" in result["msg"]


def test_present_needs_the_whole_request(call):
    result = call([], {"name": "j"})
    assert "public_address, network, forwards" in result["msg"]


def test_bytes_that_are_not_text_do_not_break_the_result(call):
    strange = FILTER.format(':PF-j-FWD - [0:0]\n-A PF-j-FWD -m comment --comment "\udcff" -j DROP\n')
    result = call(
        [(SAVE_FILTER, "", (0, strange, "")), BARE[1]], {"name": "j", "state": "absent"}, check_mode=True, diff=True
    )
    assert "\ufffd" in result["diff"][0]["before"]


class FakeModule:
    """As much of an AnsibleModule as a runner needs."""

    def get_bin_path(self, name):
        return None if name == "missing" else f"/usr/sbin/{name}"

    def run_command(self, argv, **options):
        return 0, json.dumps([argv, options]), ""


def test_commands_run_by_path_and_in_the_c_locale():
    _status, output, _errors = port_forwards.module_runner(FakeModule())(["iptables-save", "-t", "nat"], "text\n")
    argv, options = json.loads(output)
    assert argv == ["/usr/sbin/iptables-save", "-t", "nat"]
    assert options["data"] == "text\n"
    assert options["binary_data"]
    assert options["environ_update"]["LC_ALL"] == "C"


def test_a_missing_command_is_reported_as_such():
    with pytest.raises(FileNotFoundError):
        port_forwards.module_runner(FakeModule())(["missing"], "")
