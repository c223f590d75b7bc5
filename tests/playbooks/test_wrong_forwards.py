# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong forwards, as a playbook asks for them: each gets its own message, and no rule is there afterwards."""

from __future__ import annotations

import os
import shutil

import pytest
from reports import report_of

WEB = {"protocol": "tcp", "port": 443, "to": "192.168.122.100"}
#: What is different from a right request, and what the message must say: what is wrong, and what to do.
WRONG = {
    "port 0": ({"forwards": [{**WEB, "port": 0}]}, "forwards[0].port: '0' is neither a port", "use a number such as"),
    "port 65536": ({"forwards": [{**WEB, "port": 65536}]}, "65536 is above 65535", "use a smaller number"),
    "a port by name": ({"forwards": [{**WEB, "port": "https"}]}, "'https' is neither a port", "use a number such as"),
    "a range backwards": ({"forwards": [{**WEB, "port": "90-80"}]}, "ends before it begins", "use '80-90'"),
    "ranges of two sizes": (
        {"forwards": [{**WEB, "port": "80-90", "to_port": "8080-8081"}]},
        "8080-8081 has 2 port(s), but port 80-90 has 11",
        "use a to_port of the same size",
    ),
    "overlapping ranges": (
        {"forwards": [{**WEB, "port": "400-500"}, WEB]},
        "overlaps tcp port 400-500 of forwards[0]",
        "remove one, or use sources",
    ),
    "the same forward twice": ({"forwards": [WEB, WEB]}, "only one of them would get the packets", "remove one"),
    "an unknown protocol": ({"forwards": [{**WEB, "protocol": "sctp"}]}, "protocol must be one of: tcp, udp", "sctp"),
    "no protocol": ({"forwards": [{"port": 443, "to": WEB["to"]}]}, "missing required arguments: protocol", "forwards"),
    "no guest": ({"forwards": [{"protocol": "tcp", "port": 443}]}, "missing required arguments: to", "forwards"),
    "an option that is none": ({"forwards": [{**WEB, "target": "x"}]}, "forwards.target", "Supported parameters"),
    "no forwards": ({"forwards": None}, "all of the following are missing: forwards", "state is present"),
    "a guest outside the network": (
        {"forwards": [{**WEB, "to": "192.168.123.100"}]},
        "192.168.123.100 is not in the network 192.168.122.0/24",
        "or correct network",
    ),
    "the network's own address as a guest": (
        {"forwards": [{**WEB, "to": "192.168.122.0"}]},
        "the network or the broadcast address",
        "give a guest's address",
    ),
    "the broadcast address as a guest": (
        {"forwards": [{**WEB, "to": "192.168.122.255"}]},
        "the network or the broadcast address",
        "give a guest's address",
    ),
    "the host itself as a guest": (
        {"forwards": [{**WEB, "to": "127.0.0.1"}], "network": "127.0.0.0/8"},
        "127.0.0.1 is an address of this host itself",
        "give a guest's address",
    ),
    "a guest of IPv6": (
        {"forwards": [{**WEB, "to": "fd00::1"}]},
        "'fd00::1' is an IPv6 address",
        "use an IPv4 address",
    ),
    "a public address of IPv6": (
        {"public_address": "2001:db8::1"},
        "IPv6 needs no port forwards",
        "publish the guest's own IPv6 address",
    ),
    "a network of IPv6": ({"network": "fd00::/64"}, "is an IPv6 network", "use an IPv4 network"),
    "a public address among the guests": (
        {"public_address": "192.168.122.1"},
        "is in the guests' network",
        "use the host's outside address",
    ),
    "a public address that is not there": (
        {"public_address_elsewhere": False},
        "is not an address of this host",
        "set public_address_elsewhere to true",
    ),
    "a public address that nobody reaches": (
        {"public_address": "127.0.0.1"},
        "cannot be reached from outside",
        "use the address",
    ),
    "host bits in the network": (
        {"network": "192.168.122.1/24"},
        "has host bits",
        "use 192.168.122.0/24",
    ),
    "no prefix length": ({"network": "192.168.122.0"}, "has no prefix length", "use for example 192.168.122.0/24"),
    "a source with host bits": (
        {"forwards": [{**WEB, "sources": ["10.0.0.1/8"]}]},
        "forwards[0].sources[0]: '10.0.0.1/8' has host bits",
        "use 10.0.0.0/8",
    ),
    "no sources": ({"forwards": [{**WEB, "sources": []}]}, "so nobody could connect", "leave sources out"),
    "the port of ssh": ({"forwards": [{**WEB, "port": 22}]}, "covers port 22, the ssh port", "set allow_ssh to true"),
    "the port of ssh in a range": (
        {"forwards": [{**WEB, "port": "2000-3000"}], "ssh_port": 2222},
        "covers port 2222, the ssh port",
        "use another port",
    ),
    "a name that is too long": (
        {"name": "a" * 21},
        "has 21 characters, and iptables allows 20",
        "shorter name",
    ),
    "a name with a blank": ({"name": "my forwards"}, "not a valid owner name", "use only letters, digits, '-' and '_'"),
    "a comment of two lines": ({"forwards": [{**WEB, "comment": "a\nb"}]}, "control character", "use one line of text"),
    "a comment that is too long": (
        {"forwards": [{**WEB, "comment": "é" * 128}]},
        "256 bytes, and iptables keeps 255",
        "shorter comment",
    ),
    "a rollback of a second": ({"rollback": 1}, "rollback: 1 is out of range", "use 5 to 3600 seconds, or 0"),
}
RIGHT = {"name": "wrong", "public_address": "198.51.100.10", "network": "192.168.122.0/24", "forwards": [WEB]}


def request(changes):
    """The arguments of the module; one that is None is left out."""
    arguments = {**RIGHT, "public_address_elsewhere": True, **changes}
    return {name: value for name, value in arguments.items() if value is not None}


TASKS = [
    {
        "selfhosted.jitsi.port_forwards": "{{ item }}",
        "loop": [request(changes) for changes, *_messages in WRONG.values()],
        "register": "answers",
        "failed_when": False,
    },
    {"ansible.builtin.command": "iptables-save", "register": "rules"},
]
REPORT = "{'messages': answers.results | map(attribute='msg'), 'rules': rules.stdout}"
NETWORK = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What the module said to each request, and the rules that were there afterwards, in a network namespace."""
    missing = [command for command in ("unshare", "iptables-save") if not shutil.which(command)]
    if missing or os.geteuid():
        pytest.skip(f"missing: {', '.join(missing) or 'the right to make a network namespace (run as root)'}")
    play = {"hosts": "localhost", "tasks": TASKS}
    return report_of(tmp_path_factory.mktemp("forwards"), play, REPORT, around=NETWORK)


@pytest.mark.parametrize("name", WRONG)
def test_wrong_forwards_are_refused(answers, name):
    message = answers["messages"][list(WRONG).index(name)]
    for part in WRONG[name][1:]:
        assert part in message
    assert "Traceback" not in message


def test_no_rule_is_left(answers):
    assert "PF-" not in answers["rules"]
