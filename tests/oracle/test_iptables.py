# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
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
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core import persistence
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import ForwardError, parse_request
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.ruleset import TABLES
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell import (
    firewall,
    forwarding,
    lock,
    reapply,
    rollback,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import CommandError

COLLECTIONS = Path(__file__).resolve().parents[5]
SBIN = f"{os.environ['PATH']}:/usr/local/sbin:/usr/sbin:/sbin"

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
WEB = {"protocol": "tcp", "port": "443", "to": "192.168.122.100"}
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


class Namespace:
    """A network namespace of its own, with one variant of iptables."""

    def __init__(self, variant):
        self.variant = variant
        self.process = subprocess.Popen(
            ["unshare", "-n", "sh", "-c", "echo ready; exec sleep 600"], stdout=subprocess.PIPE
        )
        self.ready = self.process.stdout.readline() == b"ready\n"

    def run(self, argv, stdin=""):
        """Run a command inside; this is also the Runner that the shell wants."""
        program = re.sub(r"\Aiptables(?!-(?:nft|legacy))", f"iptables-{self.variant}", argv[0])
        done = subprocess.run(
            ["nsenter", f"--net=/proc/{self.process.pid}/ns/net", program, *argv[1:]],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            env={"PATH": SBIN, "LC_ALL": "C"},
            check=False,
        )
        if done.returncode == 127 and "failed to execute" in done.stderr:
            raise FileNotFoundError(program)
        return done.returncode, done.stdout, done.stderr

    def iptables(self, *arguments):
        status, _output, errors = self.run(["iptables", *arguments])
        assert status == 0, errors

    def load(self, text):
        status, _output, errors = self.run(["iptables-restore", "--noflush"], text)
        assert status == 0, errors

    def save(self):
        """Both tables as lines, without the comments, which hold the time."""
        texts = [self.run(["iptables-save", "-t", table])[1] for table in TABLES]
        return [line for text in texts for line in text.split("\n") if not line.startswith("#")]

    def chain(self, chain):
        return [line for line in self.save() if line.startswith(f"-A {chain} ")]

    def close(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture(params=["nft", "legacy"])
def namespace(request, tmp_path, monkeypatch):
    for module in (lock, rollback):
        monkeypatch.setattr(module, "RUNTIME", str(tmp_path / "run"))
    monkeypatch.setattr(firewall, "_LEGACY_TABLES", str(tmp_path / "none"))
    needed = ["unshare", "nsenter", f"iptables-{request.param}-restore"]
    missing = [name for name in needed if not shutil.which(name, path=SBIN)]
    if missing:
        pytest.skip(f"missing: {', '.join(missing)}")
    space = Namespace(request.param)
    try:
        if not space.ready:
            pytest.skip("missing: the right to make a network namespace (run as root)")
        yield space
    finally:
        space.close()


def ask(*forwards, name="j", **changes):
    right = {"name": name, "public_address": "198.51.100.10", "network": "192.168.122.0/24"}
    return parse_request({**right, "forwards": forwards, **changes})


def carry_out(name, *arguments, **options):
    """What a run does, with the lock that a run holds."""
    with rollback.settled_lock(name):
        return forwarding.carry_out(name, *arguments, **options)


def confirm(name, token):
    """What the run does that confirms."""
    with rollback.settled_lock(name, token):
        rollback.disarm(name, token)


def forward(namespace, *forwards, check_mode=False, **changes):
    """Ask for the forwards; returns whether that changed anything."""
    request = ask(*forwards, **changes)
    return carry_out(request.name, request, namespace.run, check_mode).changed


def remove(namespace, check_mode=False):
    return carry_out("j", None, namespace.run, check_mode).changed


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


def test_a_change_that_nobody_confirms_is_put_back(namespace, monkeypatch):
    monkeypatch.setattr(forwarding, "run_command", namespace.run)
    forward(namespace, WEB)
    before = namespace.save()
    request = ask({**WEB, "port": "80"})
    done = carry_out("j", request, namespace.run, seconds=1)
    assert done.token
    assert namespace.save() != before
    rollback.wait_until_settled("j")
    assert namespace.save() == before
    with pytest.raises(CommandError, match="put back what was there before"):
        confirm("j", done.token)


def test_a_second_change_waits_until_the_first_is_settled(namespace, monkeypatch):
    monkeypatch.setattr(forwarding, "run_command", namespace.run)
    carry_out("j", ask({**WEB, "port": "80"}), namespace.run, seconds=1)
    assert forward(namespace, WEB)
    rollback.wait_until_settled("j")
    assert not forward(namespace, WEB)


def test_a_confirmation_while_rules_are_put_back_is_too_late(namespace, tmp_path):
    began, go_on = tmp_path / "began", tmp_path / "go-on"

    def put_back():
        began.touch()
        wait_for(go_on.exists)

    with lock.lock():
        token = rollback.arm("j", 0, put_back)
    wait_for(began.exists)
    with ThreadPoolExecutor(1) as pool:
        confirmed = pool.submit(confirm, "j", token)
        go_on.touch()
        with pytest.raises(CommandError, match="put back what was there before"):
            confirmed.result(timeout=30)


def wait_for(question):
    deadline = time.monotonic() + 30
    while not question() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert question()


def test_a_change_that_is_confirmed_stays(namespace, monkeypatch):
    monkeypatch.setattr(forwarding, "run_command", namespace.run)
    done = carry_out("j", ask(WEB), namespace.run, seconds=60)
    confirm("j", done.token)
    assert not forward(namespace, WEB)
    assert not carry_out("j", ask(WEB), namespace.run, seconds=60).token


def test_an_error_of_iptables_is_told_at_once_although_it_would_be_put_back(namespace, monkeypatch):
    monkeypatch.setattr(forwarding, "run_command", namespace.run)
    monkeypatch.setattr(lock, "_SECONDS", 2)
    forward(namespace, WEB)
    before = namespace.save()

    def run(argv, stdin):
        return namespace.run(argv, stdin.replace("--dport 80 -j DNAT", "--dport 80 -j NOSUCH"))

    with pytest.raises(CommandError, match="Cannot change the table nat"):
        carry_out("j", ask({**WEB, "port": "80"}), run, seconds=3600)
    assert namespace.save() == before
    # No process waits to put anything back.
    assert forward(namespace, {**WEB, "port": "80"})


def test_rules_that_cannot_be_put_back_yet_are_put_back_later(namespace, monkeypatch, tmp_path):
    """docker or libvirt change the same tables while they start."""
    refused, may = tmp_path / "refused", tmp_path / "may"

    def run(argv, stdin):
        if "restore" in argv[0] and not may.exists():
            refused.touch()
            return 4, "", "Resource temporarily unavailable"
        return namespace.run(argv, stdin)

    monkeypatch.setattr(forwarding, "run_command", run)
    monkeypatch.setattr(rollback, "_TRY_PAUSE", 0.05)
    forward(namespace, WEB)
    before = namespace.save()
    done = carry_out("j", ask({**WEB, "port": "80"}), namespace.run, seconds=1)
    wait_for(refused.exists)
    with pytest.raises(CommandError, match=r"puts? back what was there before"):
        confirm("j", done.token)
    may.touch()
    rollback.wait_until_settled("j")
    assert namespace.save() == before


def test_rules_are_put_back_although_somebody_held_the_lock_too_long(namespace, monkeypatch, tmp_path):
    monkeypatch.setattr(lock, "_SECONDS", 0.2)
    monkeypatch.setattr(rollback, "_TRY_PAUSE", 0.05)
    log, back = tmp_path / "log", tmp_path / "back"
    monkeypatch.setattr(rollback.syslog, "syslog", lambda *words: log.write_text(str(words)))
    with lock.lock():
        rollback.arm("j", 0, back.touch)
        wait_for(lambda: log.exists() and "has held it" in log.read_text())
    wait_for(back.exists)
    rollback.wait_until_settled("j")


def test_rules_that_can_never_be_put_back_are_given_up_loudly(namespace, monkeypatch, tmp_path):
    monkeypatch.setattr(rollback, "_TRY_SECONDS", 0.3)
    monkeypatch.setattr(rollback, "_TRY_PAUSE", 0.05)
    log = tmp_path / "log"
    monkeypatch.setattr(rollback.syslog, "syslog", lambda *words: log.write_text(str(words)))
    with lock.lock():
        rollback.arm("j", 0, lambda: namespace.run(["no-such-command"]))
    rollback.wait_until_settled("j")
    assert f"({rollback.syslog.LOG_CRIT}, " in log.read_text()
    assert "GAVE UP" in log.read_text()


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
