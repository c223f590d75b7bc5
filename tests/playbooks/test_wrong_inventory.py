"""A wrong inventory fails before the first change, with the variable, its value and the remedy."""

from __future__ import annotations

import copy
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLE = CHECKOUT / "inventory" / "example"
FACTS = yaml.safe_load((EXAMPLE / "group_vars" / "all.yml").read_text())
MISSING = object()


def play(folder, playbook, changes):
    """Run a playbook on the example inventory with some of its facts changed; return (exit code, output)."""
    inventory = folder / "inventory"
    shutil.copytree(EXAMPLE, inventory)
    facts = copy.deepcopy(FACTS)
    for name, value in changes.items():
        facts[name] = value
    facts = {name: value for name, value in facts.items() if value is not MISSING}
    (inventory / "group_vars" / "all.yml").write_text(yaml.safe_dump(facts))
    return run(inventory, playbook)


def run(inventory, playbook):
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1"}
    command = ["ansible-playbook", "--inventory", str(inventory), playbook]
    done = subprocess.run(command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def forward(port, protocol="tcp", to="192.168.122.100", **more):
    return {"protocol": protocol, "port": port, "to": to, **more}


SITE = {"name": "a.example.org", "backend": "http://192.168.122.9/"}
WRONG = {
    "public address missing": (
        {"nat_host_public_address": MISSING},
        ["nat_host_public_address: ''", "Set it to the public address of the site"],
    ),
    "public address with a number too large": (
        {"nat_host_public_address": "300.51.100.10"},
        ["nat_host_public_address: '300.51.100.10'", "not an IPv4 address", "Set it"],
    ),
    "public address of IPv6": (
        {"nat_host_public_address": "2001:db8::1"},
        ["nat_host_public_address: '2001:db8::1'", "not an IPv4 address", "Set it"],
    ),
    "public address that is a name": (
        {"nat_host_public_address": "host.example.org"},
        ["nat_host_public_address: 'host.example.org'", "not an IPv4 address", "Set it"],
    ),
    "virtual machine outside the network": (
        {"jitsi_meet_local_address": "192.168.123.120"},
        ["jitsi_meet_local_address: '192.168.123.120'", "nat_host_network, 192.168.122.0/24", "Set it"],
    ),
    "virtual machine on the broadcast address": (
        {"jitsi_meet_local_address": "192.168.122.255"},
        ["jitsi_meet_local_address: '192.168.122.255'", "not the address of a machine", "Set it"],
    ),
    "proxy outside the network": (
        {"reverse_proxy_address": "10.0.0.1", "nat_host_forwards": MISSING},
        ["reverse_proxy_address: '10.0.0.1'", "nat_host_network, 192.168.122.0/24", "Set it"],
    ),
    "name localhost": (
        {"jitsi_meet_fqdn": "localhost"},
        ["jitsi_meet_fqdn: 'localhost'", "not a fully qualified host name", "Set it"],
    ),
    "name without a dot": (
        {"jitsi_meet_fqdn": "jitsi"},
        ["jitsi_meet_fqdn: 'jitsi'", "not a fully qualified host name", "Set it"],
    ),
    "name missing": (
        {"jitsi_meet_fqdn": MISSING},
        ["jitsi_meet_fqdn: ''", "not a fully qualified host name", "Set it"],
    ),
    "two forwards of the same port": (
        {"nat_host_forwards": [forward(443), forward(443, to="192.168.122.120")]},
        ["nat_host_forwards[", "tcp port 443", "nat_host_forwards[0]", "remove one"],
    ),
    "a forward within another's range": (
        {"nat_host_forwards": [forward("30000-30010", "udp"), forward(30005, "udp")]},
        ["nat_host_forwards[", "udp port 30005", "30000-30010", "remove one"],
    ),
    "a forward to a guest outside the network": (
        {"nat_host_forwards": [forward(80, to="192.168.99.1")]},
        ["nat_host_forwards[", "192.168.99.1 is not in the network 192.168.122.0/24", "give a guest's address"],
    ),
    "a forward of port 0": (
        {"nat_host_forwards": [forward(0)]},
        ["nat_host_forwards[", "'0'", "65535"],
    ),
    "a forward of the port that ssh uses": (
        {"nat_host_forwards": [forward(2222)], "nat_host_ssh_port": 2222},
        ["nat_host_forwards[", "covers port 2222, the ssh port of this host"],
    ),
    "name in upper case": (
        {"jitsi_meet_fqdn": "Jitsi.example.org"},
        ["jitsi_meet_fqdn: 'Jitsi.example.org'", "in lower case", "Set it"],
    ),
    "repository that is not flat": (
        {"jitsi_meet_apt_suite": "stable"},
        ["jitsi_meet_apt_suite: 'stable'", "Write for example stable/"],
    ),
    "provided certificate without its files": (
        {
            "reverse_proxy_sites": [
                {"name": "a.example.org", "backend": "http://192.168.122.9/", "certificate": "provided"}
            ]
        },
        ["a.example.org", "'provided' needs the files", "certificate_key_file"],
    ),
    "two sites of one name": (
        {"reverse_proxy_sites": [SITE] * 2},
        ["reverse_proxy_sites: duplicate name 'a.example.org'"],
    ),
    "network with host bits": (
        {"nat_host_network": "192.168.122.1/24"},
        ["nat_host_network", "192.168.122.1/24"],
    ),
    "STUN server without a port": (
        {"jitsi_meet_stun_servers": ["stun.example.org"]},
        ["jitsi_meet_stun_servers", "stun.example.org", "host:port"],
    ),
    "privacy that is none of the two": (
        {"jitsi_meet_privacy": "loose"},
        ["value of jitsi_meet_privacy must be one of: strict, stock", "loose"],
    ),
    "trusted proxy that is a name": (
        {"jitsi_meet_trusted_proxies": ["proxy.example.org"]},
        ["jitsi_meet_trusted_proxies: 'proxy.example.org'", "List the addresses"],
    ),
    "site without a dot": (
        {"reverse_proxy_sites": [{"name": "jenkins", "backend": "http://192.168.122.110:8080/"}]},
        ["reverse_proxy_sites", "jenkins", "fully qualified host name"],
    ),
    "backend that is no URL": (
        {"reverse_proxy_sites": [{"name": "jenkins.example.org", "backend": "192.168.122.110:8080"}]},
        ["reverse_proxy_sites", "192.168.122.110:8080", "not an http or https URL"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_fact_is_refused_before_anything_changes(tmp_path, case):
    changes, words = WRONG[case]
    code, output = play(tmp_path, "selfhosted.jitsi.site", changes)
    said = " ".join(output.split())
    assert code != 0, output
    for word in words:
        assert word in said, f"{word!r} is not in the output:\n{output}"
    assert "PLAY [Configure the port forwards]" not in output
    assert not re.search(r"(changed|unreachable)=[1-9]", output)


def test_missing_group_is_named(tmp_path):
    inventory = tmp_path / "inventory"
    shutil.copytree(EXAMPLE, inventory)
    hosts = yaml.safe_load((inventory / "hosts.yml").read_text())
    del hosts["all"]["children"]["guests"]["children"]["reverse_proxy"]
    (inventory / "hosts.yml").write_text(yaml.safe_dump(hosts))
    code, output = run(inventory, "selfhosted.jitsi.preflight")
    assert code != 0
    assert "no machine in the group reverse_proxy" in " ".join(output.split())


def test_example_inventory_is_right(tmp_path):
    code, output = play(tmp_path, "selfhosted.jitsi.preflight", {})
    assert code == 0, output


def test_facts_alone_are_enough(tmp_path):
    """The forwards and the Jitsi site follow from the facts; nobody has to write them down."""
    changes = {"nat_host_forwards": MISSING, "reverse_proxy_sites": MISSING, "jitsi_meet_stun_servers": MISSING}
    code, output = play(tmp_path, "selfhosted.jitsi.preflight", changes)
    assert code == 0, output
