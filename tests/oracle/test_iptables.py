# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of port_forwards, judged by real iptables in network namespaces that are thrown away."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import persistence
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import ForwardError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import CommandError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import iptables as firewall
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import reapply, rollback
from namespaces import SBIN, WEB, ask, carry_out, forward, remove

COLLECTIONS = Path(__file__).resolve().parents[5]

FOREIGN = r"""*filter
:LIBVIRT_FWI - [0:0]
:LIBVIRT_FWO - [0:0]
:LIBVIRT_FWX - [0:0]
:PF-other-FWD - [0:0]
-A FORWARD -s 203.0.113.66/32 -j DROP
-A FORWARD -j LIBVIRT_FWX
-A FORWARD -j LIBVIRT_FWI
-A FORWARD -j LIBVIRT_FWO
-A FORWARD -j PF-other-FWD
-A LIBVIRT_FWI -d 192.168.122.0/24 -o virbr0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A LIBVIRT_FWI -o virbr0 -j REJECT --reject-with icmp-port-unreachable
-A INPUT -p tcp -m comment --comment "say \"hello\" -j PF-j-FWD" -j ACCEPT
COMMIT
*nat
:DOCKER - [0:0]
:LIBVIRT_PRT - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -j LIBVIRT_PRT
-A LIBVIRT_PRT -s 192.168.122.0/24 ! -d 192.168.122.0/24 -p tcp -j MASQUERADE --to-ports 1024-65535
COMMIT
"""
EVERY_FORM = [
    WEB,
    {"protocol": "tcp", "port": "8443", "to": "192.168.122.100", "to_port": "443", "comment": "web"},
    {"protocol": "udp", "port": "10000-10010", "to": "192.168.122.120", "comment": 'it\'s "so" \\ … two\u2028words'},
    {"protocol": "udp", "port": "20000-20010", "to": "192.168.122.120", "to_port": "30000-30010", "comment": "!"},
    {"protocol": "udp", "port": "30000-65535", "to": "192.168.122.121", "comment": "é" * 127 + "x"},
    {"protocol": "tcp", "port": "65535", "to": "192.168.122.1", "sources": ["10.0.0.0/9", "203.0.113.5", "0.0.0.0/1"]},
    {"protocol": "tcp", "port": "1-21", "to": "192.168.122.254", "sources": ["0.0.0.0/0"], "comment": "#a  b%s"},
    {"protocol": "udp", "port": "1-9999", "to": "192.168.122.2", "comment": "_-x"},
]


def without_own(lines):
    return [line for line in lines if not line.startswith((":PF-j-", "-A PF-j-")) and " -j PF-j-" not in line[:40]]


def test_a_second_run_changes_nothing_and_writes_nothing(namespace):
    assert forward(namespace, *EVERY_FORM)
    before = namespace.save()
    assert not forward(namespace, *EVERY_FORM)
    assert namespace.save() == before


@pytest.mark.parametrize(
    "options", [{"hairpin": False}, {"masquerade": False}, {"hairpin": False, "masquerade": False}]
)
def test_each_option_can_be_switched_and_switched_back(namespace, options):
    forward(namespace, WEB)
    before = namespace.save()
    assert forward(namespace, WEB, **options)
    assert not forward(namespace, WEB, **options)
    assert forward(namespace, WEB)
    assert namespace.save() == before


def test_foreign_rules_stay_byte_for_byte(namespace):
    namespace.load(FOREIGN)
    before = namespace.save()
    assert forward(namespace, *EVERY_FORM)
    assert without_own(namespace.save()) == before
    assert forward(namespace, WEB, hairpin=False)
    assert without_own(namespace.save()) == before


def test_absent_leaves_no_trace(namespace):
    namespace.load(FOREIGN)
    before = namespace.save()
    forward(namespace, *EVERY_FORM)
    namespace.iptables("-A", "INPUT", "-i", "eth0", "-j", "PF-j-FWD")
    assert remove(namespace)
    assert namespace.save() == before
    assert not remove(namespace)


def test_check_mode_changes_nothing_and_predicts(namespace):
    namespace.load(FOREIGN)
    before = namespace.save()
    assert forward(namespace, WEB, check_mode=True)
    assert namespace.save() == before
    forward(namespace, WEB)
    assert not forward(namespace, WEB, check_mode=True)
    before = namespace.save()
    assert remove(namespace, check_mode=True)
    assert namespace.save() == before


def test_the_jump_is_moved_above_what_libvirt_inserts_at_boot(namespace):
    forward(namespace, WEB)
    namespace.load(FOREIGN)
    for chain in ("LIBVIRT_FWO", "LIBVIRT_FWI", "LIBVIRT_FWX"):
        namespace.iptables("-D", "FORWARD", "-j", chain)
        namespace.iptables("-I", "FORWARD", "-j", chain)
    before = namespace.save()
    assert forward(namespace, WEB)
    assert namespace.chain("FORWARD")[0] == "-A FORWARD -j PF-j-FWD"
    assert without_own(namespace.save()) == without_own(before)
    assert not forward(namespace, WEB)


def test_two_owners_stand_side_by_side(namespace):
    namespace.load(FOREIGN)
    forward(namespace, WEB)
    assert forward(namespace, {**WEB, "port": "80"}, name="k")
    assert not forward(namespace, WEB)
    assert not forward(namespace, {**WEB, "port": "80"}, name="k")


def test_strange_rules_and_jumps_are_repaired(namespace):
    forward(namespace, *EVERY_FORM)
    before = namespace.save()
    namespace.iptables("-I", "PF-j-FWD", "-j", "DROP")
    namespace.iptables("-t", "nat", "-D", "PF-j-DNAT", "2")
    namespace.iptables("-t", "nat", "-A", "PREROUTING", "-j", "PF-j-DNAT")
    namespace.iptables("-A", "FORWARD", "-m", "comment", "--comment", "it's mine", "-g", "PF-j-FWD")
    assert forward(namespace, *EVERY_FORM)
    assert namespace.save() == before


def test_a_forward_that_is_no_longer_listed_is_gone(namespace):
    forward(namespace, *EVERY_FORM)
    assert forward(namespace, WEB)
    assert len([line for line in namespace.save() if "--dport" in line]) == 2


def test_the_longest_name_fits(namespace):
    assert forward(namespace, WEB, name="12345678901234567890")


def test_a_ruleset_that_iptables_refuses_is_reported_and_leaves_the_table(namespace):
    before = namespace.save()
    too_long = replace(ask(WEB), name="1" * 22)
    with pytest.raises(CommandError, match="Cannot change the table filter"):
        carry_out(too_long.name, too_long, namespace.run)
    assert namespace.save() == before


def test_a_table_that_iptables_cannot_show_is_refused(namespace):
    if namespace.variant != "nft":
        pytest.skip("only nft shares its tables")
    if not shutil.which("nft", path=SBIN):
        pytest.skip("missing: nft")
    forward(namespace, WEB)
    assert namespace.run(["nft", "add", "rule", "ip", "filter", "FORWARD", "numgen random mod 2 == 1 accept"])[0] == 0
    with pytest.raises(ForwardError, match="incompatible"):
        forward(namespace, WEB)


def test_a_table_that_is_refused_leaves_no_other_changed(namespace):
    namespace.load(FOREIGN)
    forward(namespace, WEB)
    before = namespace.save()

    def run(argv, stdin):
        return namespace.run(argv, stdin.replace("--dport 80 -j DNAT", "--dport 80 -j NOSUCH"))

    with pytest.raises(CommandError, match="Cannot change the table nat"):
        carry_out("j", ask({**WEB, "port": "80"}), run)
    assert namespace.save() == before


LIBVIRT = """
table ip libvirt_network {
    chain forward {
        type filter hook forward priority 0; policy accept;
        counter jump guest_cross
        counter jump guest_input
    }
    chain guest_cross { iif lo oif lo counter accept; }
    chain guest_input { oif lo ip daddr 192.168.122.0/24 ct state established,related counter accept; oif lo reject; }
}
"""


@pytest.fixture
def libvirt_table(namespace):
    """Libvirt's own table of nftables, as text of its rules without what counts."""
    if not shutil.which("nft", path=SBIN):
        pytest.skip("missing: nft")
    assert namespace.run(["nft", "-f", "-"], LIBVIRT)[0] == 0
    return lambda: namespace.run(["nft", "-s", "list", "table", "ip", "libvirt_network"])[1]


def test_libvirts_nftables_accept_every_form_and_a_second_run_changes_nothing(namespace, libvirt_table):
    before = libvirt_table()
    assert forward(namespace, *EVERY_FORM)
    text = libvirt_table()
    assert text.index("jump PF-j-FWD") < text.index("jump guest_cross")
    assert not forward(namespace, *EVERY_FORM)
    assert libvirt_table() == text
    assert forward(namespace, WEB)
    assert not forward(namespace, WEB)
    assert remove(namespace)
    assert libvirt_table() == before


def test_the_jump_in_libvirts_nftables_is_moved_up(namespace, libvirt_table):
    forward(namespace, WEB)
    text = libvirt_table()
    rule = ["nft", "insert", "rule", "ip", "libvirt_network", "forward", "counter", "jump", "guest_input"]
    assert namespace.run(rule)[0] == 0
    assert forward(namespace, WEB)
    assert libvirt_table().index("jump PF-j-FWD") < libvirt_table().index("jump guest_input")
    assert libvirt_table() != text


def test_a_ban_in_libvirts_nftables_stays_above(namespace, libvirt_table):
    ban = ["nft", "insert", "rule", "ip", "libvirt_network", "forward", "ip", "saddr", "203.0.113.66", "drop"]
    assert namespace.run(ban)[0] == 0
    assert forward(namespace, WEB)
    assert not forward(namespace, WEB)
    text = libvirt_table()
    assert text.index("203.0.113.66") < text.index("jump PF-j-FWD") < text.index("jump guest_cross")
    assert namespace.run([*ban[:-2], "203.0.113.67", "drop"])[0] == 0
    assert not forward(namespace, WEB)


OTHER = {"nft": "legacy", "legacy": "nft"}


def test_the_other_variant_accepts_too_where_it_refuses(namespace, tmp_path, monkeypatch):
    other = Other(namespace)
    if not shutil.which(f"iptables-{other.variant}-restore", path=SBIN):
        pytest.skip(f"missing: iptables-{other.variant}")
    names = tmp_path / "names"
    names.write_text("filter\n")
    monkeypatch.setattr(firewall, "_LEGACY_TABLES", str(names))
    other.load("*filter\n:FORWARD DROP [0:0]\nCOMMIT\n")
    before = other.save()
    assert forward(namespace, *EVERY_FORM)
    assert "-A FORWARD -j PF-j-FWD" in other.save()
    assert not forward(namespace, *EVERY_FORM)
    other.load("*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n")
    assert forward(namespace, *EVERY_FORM)
    assert other.save() == [line.replace("FORWARD DROP", "FORWARD ACCEPT") for line in before]


class Other:
    """The other variant of iptables in the same namespace."""

    def __init__(self, namespace):
        self.variant = OTHER[namespace.variant]
        self.namespace = namespace

    def load(self, text):
        status, _output, errors = self.namespace.run([f"iptables-{self.variant}-restore", "--noflush"], text)
        assert status == 0, errors

    def save(self):
        text = self.namespace.run([f"iptables-{self.variant}-save", "-t", "filter"])[1]
        return [re.sub(r"\[\d+:\d+\]", "[0:0]", line) for line in text.split("\n") if not line.startswith("#")]


@pytest.fixture
def stored(namespace, monkeypatch, tmp_path):
    """What the unit reads at a boot, and a way to have it changed while the unit waits for the lock."""
    monkeypatch.setattr(reapply, "run_command", namespace.run)
    file = tmp_path / "j.json"
    real = rollback.lock

    @contextlib.contextmanager
    def lock_after(change):
        change(file)
        with real():
            yield

    def meanwhile(change):
        monkeypatch.setattr(rollback, "lock", lambda: lock_after(change))
        return reapply._reapply(str(file))

    file.write_text(persistence.dump(ask(WEB)))
    assert reapply._reapply(str(file)) == ""
    assert not forward(namespace, WEB)
    return meanwhile


def test_a_boot_puts_in_force_what_was_confirmed_while_it_waited(namespace, stored):
    assert stored(lambda file: file.write_text(persistence.dump(ask({**WEB, "port": "80"})))) == ""
    assert not carry_out("j", ask({**WEB, "port": "80"}), namespace.run).changed


def test_a_boot_leaves_out_what_was_removed_while_it_waited(namespace, stored):
    remove(namespace)
    before = namespace.save()
    assert stored(lambda file: file.unlink()) == ""
    assert namespace.save() == before


def test_two_owners_at_once_both_have_what_they_asked_for(namespace):
    owners = [f"owner{number}" for number in range(6)]
    requests = [ask({**WEB, "port": str(1000 + number)}, name=name) for number, name in enumerate(owners)]
    with ThreadPoolExecutor(len(owners)) as pool:
        list(pool.map(lambda request: carry_out(request.name, request, namespace.run), requests))
    assert not any(carry_out(request.name, request, namespace.run).changed for request in requests)


def test_the_module_runs_through_ansible(namespace, tmp_path):
    ansible = Path(sys.executable).with_name("ansible")
    if not ansible.exists():
        pytest.skip("missing: ansible")
    for name in ("", "-save", "-restore"):
        target = shutil.which(f"iptables-{namespace.variant}{name}", path=SBIN)
        (tmp_path / f"iptables{name}").symlink_to(target)
    arguments = {"name": "j", "public_address": "198.51.100.10", "network": "192.168.122.0/24", "forwards": EVERY_FORM}
    arguments["public_address_elsewhere"] = True
    argv = ["localhost", "-c", "local", "-m", "selfhosted.jitsi.port_forwards", "-a", json.dumps(arguments)]
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{SBIN}",
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["nsenter", f"--net=/proc/{namespace.process.pid}/ns/net", str(ansible), *argv],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "CHANGED" in done.stdout, done.stdout + done.stderr
    assert not forward(namespace, *EVERY_FORM)
