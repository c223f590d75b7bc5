# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What iptables does with packets, by the rules of ufw, docker, libvirt and an administrator."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packets import iptables_rules

INPUT = {"hook": "input", "destination": "198.51.100.10"}
DNAT = {"hook": "dnat", "destination": "198.51.100.10"}
REPLY = {
    **{"source": "192.168.122.120", "source_port": 10000, "destination": "203.0.113.9", "port": 50000},
    **{"in_interface": "virbr0", "out_interface": "eth0", "state": "established"},
}
TCP = {"protocol": "tcp"}
UNREACHABLE = " -j REJECT --reject-with icmp-port-unreachable"

CASES = [
    # ufw drops what is not allowed by the policies that it sets.
    ("ufw", {**INPUT}, "dropped", "policy DROP of INPUT", "ufw"),
    (
        "ufw",
        {**INPUT, **TCP, "port": 443},
        "accepted",
        "-A ufw-user-input -p tcp -m multiport --dports 80,443 -j ACCEPT",
        "ufw",
    ),
    ("ufw", {**INPUT, **TCP, "port": 5222}, "accepted", "-A ufw-user-limit-accept -j ACCEPT", "ufw"),
    ("ufw", {**INPUT, "destination": "192.0.2.77"}, "dropped", "-A ufw-not-local -j DROP", "ufw"),
    ("ufw", {**INPUT, "in_interface": "lo"}, "accepted", "-A ufw-before-input -i lo -j ACCEPT", "ufw"),
    (
        "ufw",
        {**INPUT, "port": 68, "source_port": 67},
        "accepted",
        "-A ufw-before-input -p udp -m udp --sport 67 --dport 68 -j ACCEPT",
        "ufw",
    ),
    ("ufw", {}, "dropped", "policy DROP of FORWARD", "ufw"),
    ("ufw", REPLY, "accepted", "-A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "ufw"),
    ("ufw", {"hook": "output"}, "accepted", "-A ufw-track-output -p udp -m conntrack --ctstate NEW -j ACCEPT", "ufw"),
    # libvirt refuses all but the forwards above it.
    (
        "libvirt",
        {"translated": True},
        "accepted",
        "-A PF-jitsi-FWD -d 192.168.122.120/32 -p udp -m udp --dport 10000 -m conntrack --ctstate DNAT -j ACCEPT",
        "",
    ),
    ("libvirt", {}, "rejected", "-A LIBVIRT_FWI -o virbr0" + UNREACHABLE, "libvirt"),
    ("libvirt", {"translated": True, "port": 10001}, "rejected", "-A LIBVIRT_FWI -o virbr0" + UNREACHABLE, "libvirt"),
    (
        "libvirt",
        {**REPLY, "translated": True},
        "accepted",
        "-A PF-jitsi-FWD -s 192.168.122.0/24 -m conntrack --ctstate DNAT --ctdir REPLY -j ACCEPT",
        "",
    ),
    ("libvirt", REPLY, "accepted", "-A LIBVIRT_FWO -s 192.168.122.0/24 -i virbr0 -j ACCEPT", "libvirt"),
    ("libvirt", {**REPLY, "source": "192.168.99.1"}, "rejected", "-A LIBVIRT_FWO -i virbr0" + UNREACHABLE, "libvirt"),
    ("libvirt", {"out_interface": "eth1"}, "accepted", "policy ACCEPT of FORWARD", ""),
    # docker drops in FORWARD by its policy, and earlier by the table raw.
    ("docker", {}, "dropped", "policy DROP of FORWARD", "docker"),
    ("docker", {"out_interface": "docker0"}, "dropped", "-A DOCKER ! -i docker0 -o docker0 -j DROP", "docker"),
    (
        "docker",
        {"hook": "prerouting", "destination": "172.17.0.2"},
        "dropped",
        "-A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP",
        "",
    ),
    ("docker", {**REPLY, "in_interface": "docker0"}, "accepted", "-A DOCKER-FORWARD -i docker0 -j ACCEPT", "docker"),
    # An administrator's own.
    ("plain", {**INPUT}, "accepted", "-A allowed ! -s 198.51.100.0/24 -j ACCEPT", ""),
    ("plain", {**INPUT, "source": "198.51.100.7"}, "dropped", "policy DROP of INPUT", ""),
    ("plain", {**INPUT, "port": 20005}, "accepted", "-A allowed ! -s 198.51.100.0/24 -j ACCEPT", ""),
    ("plain", {**INPUT, "port": 20011}, "dropped", "policy DROP of INPUT", ""),
    ("plain", {**INPUT, "in_interface": "lan0"}, "dropped", "policy DROP of INPUT", ""),
    ("plain", {**INPUT, "port": 30000}, "accepted", "-A INPUT -p udp -m udp --dport 30000 -j ACCEPT", ""),
    ("plain", {**INPUT, "port": 30000, "source": "192.0.2.1"}, "dropped", "-A stranger -j DROP", ""),
    (
        "plain",
        {**INPUT, "source": "203.0.113.66"},
        "dropped",
        '-A INPUT -s 203.0.113.66/32 -m comment --comment "a \\"-j\\" ACCEPT" -j DROP',
        "",
    ),
    (
        "plain",
        {**INPUT, **TCP, "source": "10.9.8.5"},
        "rejected",
        "-A INPUT -s 10.0.0.5/255.0.0.255 -p tcp -j REJECT --reject-with tcp-reset",
        "",
    ),
    (
        "plain",
        {**INPUT, **TCP, "port": 22},
        "accepted",
        "-A INPUT -p tcp -m tcp --sport 1024:65535 --dport 22 -j ACCEPT",
        "",
    ),
    ("plain", {**INPUT, **TCP, "port": 22, "source_port": 53}, "dropped", "policy DROP of INPUT", ""),
    (
        "plain",
        {**INPUT, **TCP, "port": 8080},
        "unsure",
        "-A INPUT -p tcp -m tcp --dport 8080 -j NFQUEUE --queue-num 0",
        "",
    ),
    (
        "plain",
        {**INPUT, "state": "established"},
        "accepted",
        "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "",
    ),
    ("plain", {}, "accepted", "policy ACCEPT of FORWARD", ""),
]


@pytest.mark.parametrize(("name", "changes", "verdict", "rule", "owner"), CASES)
def test_rule_that_decides(rules, name, changes, verdict, rule, owner):
    found = rules.result(rules.saved(name), **changes)
    assert (found["verdict"], found["rule"], found["owner"]) == (verdict, rule, owner)
    assert found["table"] == ("iptables raw" if changes.get("hook") == "prerouting" else "iptables filter")


@pytest.mark.parametrize(
    ("name", "changes", "to"),
    [
        ("libvirt", DNAT, "192.168.122.120:10000"),
        ("libvirt", {**DNAT, **TCP, "port": 8443}, "192.168.122.100:443"),
        ("libvirt", {**DNAT, "port": 20003}, "192.168.122.120:30003"),
        ("libvirt", {**DNAT, "destination": "198.51.100.11"}, ""),
        ("docker", {**DNAT, **TCP, "port": 443}, "172.17.0.2:443"),
        ("docker", {**DNAT, **TCP, "port": 443, "destination": "198.51.100.11"}, ""),
        ("docker", {**DNAT, **TCP, "port": 443, "in_interface": "docker0"}, ""),
        ("plain", {**DNAT, **TCP, "port": 80}, "localhost:8080"),
        # The table nat sees only the first packet of a connection.
        ("plain", {**DNAT, **TCP, "port": 80, "state": "established"}, ""),
        ("libvirt", {"hook": "snat", "source": "192.168.122.120", "destination": "203.0.113.9"}, "masquerade"),
        ("libvirt", {"hook": "snat", "source": "192.168.122.120", "destination": "192.168.122.100"}, ""),
        ("libvirt", {"hook": "snat", "source": "192.168.122.120", "destination": "224.0.0.251"}, ""),
        ("docker", {"hook": "snat", "source": "192.168.122.120", "destination": "203.0.113.9"}, ""),
    ],
)
def test_new_address_of_a_packet(rules, name, changes, to):
    found = rules.result(rules.saved(name), **changes)
    assert (found["verdict"], found["to"]) == ("translated" if to else "passes", to)
    assert bool(found["rule"]) == bool(found["table"]) == bool(to)


@pytest.mark.parametrize(
    ("name", "changes", "unsure"),
    [
        ("plain", {**INPUT}, ["-A INPUT -m mark --mark 0x7 -j DROP"]),
        # Dropped anyway, but another rule might accept it before.
        ("plain", {**INPUT, **TCP, "port": 8081}, ["-A INPUT -p tcp -m tcp --dport 8081 -m mark --mark 0x1 -j ACCEPT"]),
        ("plain", {**INPUT, **TCP, "port": 9}, []),
        # Without an interface, nobody knows whether such rules match.
        ("plain", {**INPUT, "port": 9, "in_interface": ""}, ["-A INPUT -i lo -j ACCEPT"]),
        (
            "plain",
            {**INPUT, **TCP, "port": 22, "source_port": None},
            ["-A INPUT -p tcp -m tcp --sport 1024:65535 --dport 22 -j ACCEPT"],
        ),
        # The rate of log lines decides nothing.
        ("ufw", {**INPUT}, []),
    ],
)
def test_rules_that_could_decide_otherwise_are_named(rules, name, changes, unsure):
    assert rules.result(rules.saved(name), **changes)["unsure"] == unsure


def test_limited_connections_of_ufw_are_in_doubt(rules):
    (rule,) = rules.result(rules.saved("ufw"), **INPUT, protocol="tcp", port=5222)["unsure"]
    assert "-m recent --update" in rule and rule.endswith("-j ufw-user-limit")


@pytest.mark.parametrize(
    "matched", ["-m socket", "-m rpfilter --invert", "-m set --match-set a src", "-m geoip ! --source-country AA"]
)
@pytest.mark.parametrize("target", ["ACCEPT", "REDIRECT --to-ports 1", "NFQUEUE --queue-num 0", "other"])
def test_matches_of_other_modules_count_as_not_matching(rules, matched, target):
    rule = f"-A INPUT {matched} -j {target}"
    text = f"*filter\n:INPUT DROP [0:0]\n:other - [0:0]\n{rule}\n-A other -j ACCEPT\nCOMMIT\n"
    found = rules.result(list(iptables_rules.base_chains("iptables", text)), **INPUT)
    assert (found["verdict"], found["unsure"]) == ("dropped", [rule])


@pytest.mark.parametrize(
    ("options", "changes", "matches"),
    [
        ("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", TCP, True),
        ("-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN", TCP, False),
        ("-p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK", TCP, False),
        ("-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE", TCP, False),
        ("-p 17", {}, True),
        ("! -p udp", {}, False),
        ("-f", {}, False),
        ("-i +", {"in_interface": ""}, True),
        ("-p udp -m multiport --ports 50000", {}, True),
        ("-p udp -m multiport --sports 1,2:3", {"source_port": 3}, True),
        ("-m udp -p udp --dport 10000 -m multiport --dports 1:100", {}, False),
        ("-m conntrack --ctstate INVALID,UNTRACKED", {}, False),
        ("-m state --state NEW", {}, True),
        ("-m conntrack ! --ctstate DNAT", {"translated": True}, False),
        ("-m conntrack --ctdir ORIGINAL", {}, True),
        ("-m addrtype ! --src-type LOCAL", {}, True),
        ("-m addrtype --dst-type LOCAL,MULTICAST", {"destination": "224.0.0.1"}, True),
        ("-m addrtype --dst-type BROADCAST", {"destination": "255.255.255.255"}, True),
        ("-m addrtype --dst-type LOCAL", {"destination": "127.0.0.53"}, True),
    ],
)
def test_options_of_rules(rules, options, changes, matches):
    text = f"*filter\n:INPUT ACCEPT [0:0]\n-A INPUT {options} -j DROP\nCOMMIT\n"
    found = rules.result(list(iptables_rules.base_chains("iptables", text)), **{**INPUT, **changes})
    assert (found["verdict"], found["unsure"]) == ("dropped" if matches else "accepted", [])


def test_first_variant_that_drops_is_named(rules):
    chains = [*rules.saved("libvirt"), *rules.saved("docker", "iptables-legacy")]
    found = rules.result(chains, translated=True)
    assert (found["verdict"], found["rule"], found["table"]) == (
        "dropped",
        "policy DROP of FORWARD",
        "iptables-legacy filter",
    )
    assert rules.result(chains)["table"] == "iptables filter"


def test_chains_that_call_one_another_end(rules):
    text = "*filter\n:INPUT DROP [0:0]\n:a - [0:0]\n-A INPUT -j a\n-A a -j a\n-A INPUT -j ACCEPT\nCOMMIT\n"
    assert rules.result(list(iptables_rules.base_chains("iptables", text)), **INPUT)["verdict"] == "accepted"
