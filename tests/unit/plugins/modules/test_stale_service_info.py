"""The module, asked about files that exist and a systemctl that answers as systemd does."""

from __future__ import annotations

import json
import time

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import stale_service_info


def run(capsys, folder, started, state="active"):
    """Run main() with a service that was started at a time; return its result."""
    offset = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC)
    program = folder / "systemctl"
    microseconds = int((started - offset) * 1e6)
    program.write_text(f"#!/bin/sh\necho ActiveState={state}\necho StateChangeTimestampMonotonic={microseconds}\n")
    program.chmod(0o755)
    arguments = {"services": [{"name": "one", "paths": [str(folder / "etc"), str(folder / "missing")]}]}
    with patch_module_args(arguments), pytest.raises(SystemExit):
        stale_service_info.main()
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "etc" / "conf.d").mkdir(parents=True)
    (tmp_path / "etc" / "conf.d" / "file").write_text("text")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def test_files_written_after_the_start_are_named(capsys, folder):
    result = run(capsys, folder, time.time() - 60)
    assert result["stale"] == ["one"]
    assert str(folder / "etc" / "conf.d" / "file") in result["files"]["one"]
    assert result["changed"] is False


def test_a_service_started_after_its_files_is_not_stale(capsys, folder):
    assert run(capsys, folder, time.time() + 60)["stale"] == []


def test_a_removed_file_shows_in_its_folder(capsys, folder):
    started = time.time()
    while (folder / "etc" / "conf.d").stat().st_ctime <= started:
        (folder / "etc" / "conf.d" / "passing").write_text("")
        (folder / "etc" / "conf.d" / "passing").unlink()
    result = run(capsys, folder, started)
    assert result["files"]["one"] == [str(folder / "etc" / "conf.d")]


def test_a_service_that_does_not_run_is_not_stale(capsys, folder):
    assert run(capsys, folder, time.time() - 60, state="inactive")["stale"] == []


def test_what_a_link_leads_to_counts_and_a_link_to_nowhere_does_no_harm(capsys, folder):
    (folder / "etc" / "certificate").symlink_to(folder / "elsewhere")
    (folder / "etc" / "nowhere").symlink_to(folder / "gone")
    started = time.time()
    while not (folder / "elsewhere").exists() or (folder / "elsewhere").stat().st_ctime <= started:
        (folder / "elsewhere").write_text("new")
    assert run(capsys, folder, started)["files"]["one"] == [str(folder / "etc" / "certificate")]
