"""The module, run on folders that stand for those of Apache, with commands that answer as the real ones do."""

from __future__ import annotations

import json
import time

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import apache_workers

APACHECTL = """#!/bin/sh
cat "$APACHE/dump"
"""
DUMP = (
    "# In file: /etc/apache2/mods-enabled/mpm_event.conf\n#   1:\nThreadsPerChild 25\n#   2:\nMaxRequestWorkers 150\n"
)
SYSTEMCTL = """#!/bin/sh
cat "$APACHE/unit"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("mods-available", "mods-enabled", "conf-available", "conf-enabled"):
        (tmp_path / name).mkdir()
    for name, text in (("apachectl", APACHECTL), ("systemctl", SYSTEMCTL)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "dump").write_text(DUMP)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("APACHE", str(tmp_path))
    monkeypatch.setattr(apache_workers, "LOCK", str(tmp_path / "lock"))
    return tmp_path


def started(folder, seconds, state="active"):
    """Apache was started so many seconds before or after now, and reloaded a year later."""
    at = int((time.clock_gettime(time.CLOCK_MONOTONIC) + seconds) * 1e6)
    (folder / "unit").write_text(
        f"ActiveState={state}\nStateChangeTimestampMonotonic={at + 10**13}\nExecMainStartTimestampMonotonic={at}\n"
    )


@pytest.fixture
def run(capsys, folder, monkeypatch):
    """Runs main() and gives its result."""

    def call(participants=100, **options):
        told = []
        # Beside a controller's code Ansible shows warnings, and leaves them out of the result.
        monkeypatch.setattr(AnsibleModule, "warn", lambda _self, warning: told.append(warning))
        arguments = {"participants": participants, "configuration": str(folder), **options}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            apache_workers.main()
        return {**json.loads(capsys.readouterr().out), "warnings": told}

    return call


def said(result):
    return [result[name] for name in ("changed", "restart", "restart_owed")]


def test_without_a_word_of_the_administrator_a_needed_restart_is_a_warning(run, folder):
    started(folder, -100)
    result = run()
    assert said(result) == [True, False, True]
    assert "Set may_restart to true" in "".join(result["warnings"])
    # The run after it owes the same, although it changes nothing.
    result = run()
    assert said(result) == [False, False, True]
    assert result["warnings"]


def test_with_a_word_of_the_administrator_it_is_asked_for_until_it_was_done(run, folder):
    started(folder, -100)
    assert said(run(may_restart=True)) == [True, True, True]
    result = run(may_restart=True)
    assert said(result) == [False, True, True]
    assert not result["warnings"]
    started(folder, 100)
    assert said(run(may_restart=True)) == [False, False, False]


@pytest.mark.parametrize("state", ["inactive", "failed"])
def test_apache_that_does_not_run_needs_no_restart(run, folder, state):
    started(folder, -100, state)
    assert said(run(may_restart=True)) == [True, False, False]


def test_limits_of_others_that_suffice_need_no_restart(run, folder):
    started(folder, -100)
    (folder / "dump").write_text(f"{DUMP}#   3:\nServerLimit 200\n#   4:\nThreadLimit 64\n")
    assert said(run()) == [True, False, False]
    assert not (folder / "conf-available" / "selfhosted-limits.conf").exists()
    assert (folder / "conf-enabled" / "selfhosted-workers.conf").is_symlink()


def test_check_mode_predicts_the_very_diff_and_writes_nothing(run, folder):
    started(folder, -100)
    before = sorted(folder.rglob("*"))
    predicted = run(_ansible_check_mode=True, _ansible_diff=True)
    assert sorted(folder.rglob("*")) == before
    done = run(_ansible_diff=True)
    assert said(predicted) == said(done)
    assert predicted["diff"] == done["diff"]
    assert (done["room_before"], done["room"]) == (150, 384)


@pytest.mark.parametrize("beside", [(), ("mpm_itk.load",)])
def test_prefork_gets_processes(run, folder, beside):
    """mpm_itk is a module beside prefork, and comes before it in the alphabet."""
    started(folder, -100)
    for name in beside:
        (folder / "mods-enabled" / name).write_text("")
    (folder / "mods-enabled" / "mpm_prefork.load").write_text("")
    (folder / "dump").write_text("#   1:\nMaxRequestWorkers 150\n")
    assert run()["room"] == 350
    text = (folder / "conf-available" / "selfhosted-limits.conf").read_text()
    assert "<IfModule mpm_prefork_module>\n    ServerLimit 350\n" in text


@pytest.mark.parametrize("participants", [-1, 10001])
def test_wrong_numbers_are_refused(run, folder, participants):
    started(folder, -100)
    assert f"participants: {participants} is not between 0 and 10000; give" in run(participants)["msg"]


def test_broken_configuration_is_named(run, folder):
    (folder / "apachectl").write_text("#!/bin/sh\necho 'Invalid command Foo' >&2\nexit 1\n")
    assert "Cannot read the configuration of Apache" in run()["msg"]
