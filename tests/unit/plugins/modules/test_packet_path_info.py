# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module, on machines with other programs and rules."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import packet_path_info
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import iptables

ADDRESSES = '[{"ifname": "eth0", "addr_info": [{"family": "inet", "local": "198.51.100.10"}]}]'
CHAIN = {"family": "ip", "table": "filter", "name": "INPUT", "type": "filter", "hook": "input", "prio": 0}
RULESET = json.dumps({"nftables": [{"chain": {**CHAIN, "policy": "drop"}}]})
PACKET = {"name": "media", "hook": "input", "protocol": "udp", "source": "203.0.113.9", "destination": "198.51.100.10"}
VERSIONS = {"nft": "iptables v1.8.9 (nf_tables)\n", "legacy": "iptables v1.8.9 (legacy)\n", "old": "iptables v1.6.1\n"}


def drops(port, policy="ACCEPT"):
    return f"*filter\n:INPUT {policy} [0:0]\n-A INPUT -p udp -m udp --dport {port} -j DROP\nCOMMIT\n"


@pytest.fixture
def machine(monkeypatch, tmp_path, capsys):
    """Runs the module: ``machine(outputs, legacy)`` gives its results, and the commands that it ran."""
    names = tmp_path / "names"
    monkeypatch.setattr(iptables, "_LEGACY_TABLES", str(names))

    def ask(outputs, legacy="", **changes):
        commands = []

        def run(argv, _stdin):
            commands.append(" ".join(argv))
            if not any(command.split()[0] == argv[0] for command in outputs):
                raise FileNotFoundError(argv[0])
            output = outputs.get(commands[-1])
            return (1, "", "Operation not permitted") if output is None else (0, output, "")

        if legacy:
            names.write_text(legacy)
        monkeypatch.setattr(packet_path_info, "run", run)
        with patch_module_args({"packets": [{**PACKET, "port": 10000, **changes}]}), pytest.raises(SystemExit):
            packet_path_info.main()
        return json.loads(capsys.readouterr().out), commands

    return ask


def programs(version="nft", **outputs):
    return {
        "ip -json address show": ADDRESSES,
        "iptables --version": VERSIONS[version],
        **{name.replace("_", "-"): text for name, text in outputs.items()},
    }


def nft(ruleset):
    return {"nft --version": "nftables v1.0.6\n", "nft -j list ruleset": ruleset, "nft -s -a list ruleset": ""}


@pytest.mark.parametrize(
    ("outputs", "legacy", "verdict", "table"),
    [
        ({"ip -json address show": ADDRESSES}, "", "accepted", ""),
        (programs(iptables_save=drops(10000)), "", "dropped", "iptables filter"),
        (programs(iptables_save=""), "", "accepted", ""),
        (
            programs(iptables_save="", iptables_legacy_save=drops(10000)),
            "filter\n",
            "dropped",
            "iptables-legacy filter",
        ),
        (programs("legacy", iptables_save=drops(10000)), "filter\n", "dropped", "iptables-legacy filter"),
        (programs("old", iptables_save=drops(10000)), "filter\n", "dropped", "iptables-legacy filter"),
        (programs("legacy", iptables_nft_save=drops(10000)), "", "dropped", "iptables-nft filter"),
        ({**programs(iptables_save=""), **nft(RULESET)}, "", "dropped", "nft ip filter"),
        ({"ip -json address show": ADDRESSES, **nft(RULESET)}, "", "dropped", "nft ip filter"),
        # nft shows the tables of iptables-nft again, and none of iptables-legacy.
        ({**programs(iptables_save=drops(1)), **nft(RULESET)}, "", "accepted", "iptables filter"),
        ({**programs("legacy", iptables_nft_save=drops(1)), **nft(RULESET)}, "", "accepted", "iptables-nft filter"),
        ({**programs("legacy", iptables_save=drops(1)), **nft(RULESET)}, "filter\n", "dropped", "nft ip filter"),
    ],
)
def test_rules_of_all_tools_decide(machine, outputs, legacy, verdict, table):
    answer, _commands = machine(outputs, legacy)
    assert answer["changed"] is False
    (result,) = answer["results"]
    assert (result["name"], result["verdict"], result["table"]) == ("media", verdict, table)


@pytest.mark.parametrize("version", ["nft", "legacy", "old"])
def test_legacy_program_does_not_run_where_it_would_load_modules(machine, version):
    outputs = programs(version, iptables_save=drops(1), iptables_legacy_save=drops(1))
    _answer, commands = machine(outputs)
    run = {"nft": ["iptables-save"], "legacy": ["iptables-nft-save"], "old": []}[version]
    assert [command for command in commands if command.endswith("-save")] == run


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({}, "Cannot read the machine's addresses: the command ip is missing; install the package iproute2"),
        ({**programs(), "iptables-save": None}, "Cannot read the rules of iptables: 'iptables-save' failed"),
        (
            {**programs(iptables_save=""), **nft(None)},
            "Cannot read the rules of nftables: 'nft -j list ruleset' failed",
        ),
    ],
)
def test_rules_that_cannot_be_read_end_the_module(machine, outputs, message):
    answer, _commands = machine(outputs)
    assert answer["failed"] and answer["msg"].startswith(message)
    assert not outputs or answer["msg"].endswith("; run as root")


def test_address_of_the_machine_is_local(machine):
    rule = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m addrtype --dst-type LOCAL -j DROP\nCOMMIT\n"
    assert machine(programs(iptables_save=rule))[0]["results"][0]["verdict"] == "dropped"
    changed = machine(programs(iptables_save=rule), destination="198.51.100.11")
    assert changed[0]["results"][0]["verdict"] == "accepted"


def test_packet_that_cannot_be_is_refused_before_anything_is_read(machine):
    answer, commands = machine(programs(), source="meet")
    assert answer["msg"].startswith("packets[0].source: 'meet' is not an IPv4 address")
    assert commands == []
