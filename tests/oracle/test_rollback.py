# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that nobody confirms are never kept, judged by real iptables in network namespaces that are thrown away."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell import lock
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import CommandError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import apply as forwarding
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import reapply, restore, rollback
from namespaces import WEB, ask, carry_out, confirm, forward, wait_for


def test_a_change_that_nobody_confirms_is_put_back(namespace, monkeypatch):
    monkeypatch.setattr(rollback, "run_command", namespace.run)
    forward(namespace, WEB)
    before = namespace.save()
    request = ask({**WEB, "port": "80"})
    done = carry_out("j", request, namespace.run, seconds=1)
    assert done.token
    assert namespace.save() != before
    rollback.wait_until_settled("j")
    assert namespace.save() == before
    with pytest.raises(CommandError, match="has restored the earlier rules"):
        confirm("j", done.token)


def test_a_second_change_waits_until_the_first_is_settled(namespace, monkeypatch):
    monkeypatch.setattr(rollback, "run_command", namespace.run)
    carry_out("j", ask({**WEB, "port": "80"}), namespace.run, seconds=1)
    assert forward(namespace, WEB)
    rollback.wait_until_settled("j")
    assert not forward(namespace, WEB)


def test_a_confirmation_while_rules_are_put_back_is_too_late(namespace, monkeypatch, tmp_path):
    began, go_on = tmp_path / "began", tmp_path / "go-on"

    def put_back(*_arguments):
        began.touch()
        wait_for(go_on.exists)

    monkeypatch.setattr(restore, "put_back", put_back)
    with lock.lock():
        token = rollback.arm("j", 0, {})
    wait_for(began.exists)
    with ThreadPoolExecutor(1) as pool:
        confirmed = pool.submit(confirm, "j", token)
        go_on.touch()
        with pytest.raises(CommandError, match="has restored the earlier rules"):
            confirmed.result(timeout=30)


def test_a_change_that_is_confirmed_stays(namespace, monkeypatch):
    monkeypatch.setattr(rollback, "run_command", namespace.run)
    done = carry_out("j", ask(WEB), namespace.run, seconds=60)
    confirm("j", done.token)
    assert not forward(namespace, WEB)
    assert not carry_out("j", ask(WEB), namespace.run, seconds=60).token


def test_an_error_of_iptables_is_told_at_once_although_it_would_be_put_back(namespace, monkeypatch):
    monkeypatch.setattr(rollback, "run_command", namespace.run)
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

    monkeypatch.setattr(rollback, "run_command", run)
    monkeypatch.setattr(rollback, "_TRY_PAUSE", 0.05)
    forward(namespace, WEB)
    before = namespace.save()
    done = carry_out("j", ask({**WEB, "port": "80"}), namespace.run, seconds=1)
    wait_for(refused.exists)
    with pytest.raises(CommandError, match=r"(is restoring|has restored) the earlier rules"):
        confirm("j", done.token)
    may.touch()
    rollback.wait_until_settled("j")
    assert namespace.save() == before


def test_rules_are_put_back_although_somebody_keeps_the_lock(namespace, monkeypatch):
    monkeypatch.setattr(rollback, "run_command", namespace.run)
    monkeypatch.setattr(lock, "_SECONDS", 0.2)
    forward(namespace, WEB)
    before = namespace.save()
    with lock.lock():
        forwarding.carry_out("j", ask({**WEB, "port": "80"}), namespace.run, seconds=1)
        assert namespace.save() != before
        wait_for(lambda: namespace.save() == before)


def test_rules_that_cannot_be_put_back_for_long_are_told_loudly_and_tried_again(namespace, monkeypatch, tmp_path):
    log, may = tmp_path / "log", tmp_path / "may"

    def run(argv, stdin):
        return namespace.run(argv, stdin) if may.exists() or "restore" not in argv[0] else (4, "", "no")

    for name, value in (("run_command", run), ("_ALARM_SECONDS", 0.1), ("_TRY_PAUSE", 0.02), ("_LATER_PAUSE", 0.05)):
        monkeypatch.setattr(rollback, name, value)
    monkeypatch.setattr(rollback.syslog, "syslog", lambda *words: log.write_text(str(words)))
    forward(namespace, WEB)
    before = namespace.save()
    carry_out("j", ask({**WEB, "port": "80"}), namespace.run, seconds=1)
    wait_for(lambda: log.exists() and f"({rollback.syslog.LOG_CRIT}, " in log.read_text())
    monkeypatch.setattr(rollback, "_PATIENCE", 0)
    with pytest.raises(CommandError, match=r"cannot restore the earlier rules\. .*failed with exit code 4: no"):
        forward(namespace, WEB)
    may.touch()
    wait_for(lambda: namespace.save() == before)


@pytest.mark.parametrize(("refused", "other"), [("filter", "nat"), ("nat", "filter")])
def test_a_table_that_cannot_be_put_back_keeps_no_other_from_it(namespace, monkeypatch, refused, other):
    monkeypatch.setattr(rollback, "_TRY_PAUSE", 0.05)

    def run(argv, stdin):
        return (4, "", "no") if stdin.startswith(f"*{refused}\n") else namespace.run(argv, stdin)

    monkeypatch.setattr(rollback, "run_command", run)
    forward(namespace, WEB)
    before = own(namespace, other)
    carry_out("j", ask({**WEB, "to": "192.168.122.101"}), namespace.run, seconds=1)
    assert own(namespace, other) != before
    wait_for(lambda: own(namespace, other) == before)
    monkeypatch.setattr(rollback, "run_command", namespace.run)
    end(watcher())
    forward(namespace, WEB)


def test_what_cannot_be_as_it_was_is_removed(namespace, monkeypatch):
    """No rules are better than rules that nobody confirmed."""
    monkeypatch.setattr(rollback, "_TRY_PAUSE", 0.05)

    def run(argv, stdin):
        return (4, "", "no") if "--to-destination 192.168.122.100" in stdin else namespace.run(argv, stdin)

    monkeypatch.setattr(rollback, "run_command", run)
    forward(namespace, WEB)
    carry_out("j", ask({**WEB, "to": "192.168.122.101"}), namespace.run, seconds=1)
    wait_for(lambda: not own(namespace, "nat"))
    end(watcher())


def own(namespace, table):
    return [line for line in namespace.run(["iptables-save", "-t", table])[1].split("\n") if "PF-j" in line]


def watcher():
    """The process that restarts the one that waits, and the one that waits."""
    first = rollback._read("j")["process"]
    deadline = time.monotonic() + 10
    while not (children := Path(f"/proc/{first}/task/{first}/children").read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return first, int(children)


def end(processes):
    for process in processes:
        os.kill(process, signal.SIGKILL)
    wait_for(lambda: not any(rollback._start_of(process) for process in processes))


def test_rules_are_put_back_although_the_process_that_waits_was_killed(namespace, monkeypatch):
    monkeypatch.setattr(rollback, "run_command", namespace.run)
    forward(namespace, WEB)
    before = namespace.save()
    carry_out("j", ask({**WEB, "port": "80"}), namespace.run, seconds=1)
    end(watcher()[1:])
    wait_for(lambda: namespace.save() == before)


def test_the_end_of_a_session_does_not_end_the_process_that_waits(namespace, monkeypatch):
    monkeypatch.setattr(rollback, "run_command", namespace.run)
    forward(namespace, WEB)
    before = namespace.save()
    carry_out("j", ask({**WEB, "port": "80"}), namespace.run, seconds=1)
    for process in watcher():
        os.kill(process, signal.SIGHUP)
        os.kill(process, signal.SIGTERM)
    assert namespace.save() != before
    wait_for(lambda: namespace.save() == before)


def killed(namespace, monkeypatch):
    """Rules that nobody confirms, and nobody there to put them back; returns what was there before."""
    monkeypatch.setattr(rollback, "run_command", namespace.run)
    forward(namespace, WEB)
    before = namespace.save()
    carry_out("j", ask({**WEB, "port": "80"}), namespace.run, seconds=1)
    end(watcher())
    assert namespace.save() != before
    return before


def test_what_was_left_unconfirmed_is_put_back_by_the_next_run(namespace, monkeypatch):
    before = killed(namespace, monkeypatch)
    assert not forward(namespace, WEB)
    assert namespace.save() == before


def test_what_was_left_unconfirmed_is_put_back_before_a_boot_s_unit_does_its_work(namespace, monkeypatch, tmp_path):
    before = killed(namespace, monkeypatch)
    monkeypatch.setattr(reapply, "run_command", namespace.run)
    assert reapply._reapply(str(tmp_path / "j.json")) == ""
    assert namespace.save() == before


def test_what_was_left_unconfirmed_and_cannot_be_put_back_stops_the_next_run(namespace, monkeypatch):
    before = killed(namespace, monkeypatch)
    monkeypatch.setattr(rollback, "run_command", lambda argv, _stdin: (4, "", f"no {argv[0]}"))
    with pytest.raises(CommandError, match="exit code 4: no iptables"):
        forward(namespace, {**WEB, "port": "8080"})
    monkeypatch.setattr(rollback, "run_command", namespace.run)
    assert not forward(namespace, WEB)
    assert namespace.save() == before
