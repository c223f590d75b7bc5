"""A service is stale when a file changed after it was started or reloaded."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.services.stale import (
    Service,
    files_to_read,
    is_unread,
    newer_files,
    parse_properties,
    stale,
)

FILES = [("/etc/old", 99.0), ("/etc/same", 100.0), ("/etc/new", 100.001)]


@pytest.mark.parametrize(
    ("state", "active"),
    [("active", True), ("reloading", True), ("activating", True), ("inactive", False), ("failed", False)],
)
def test_properties_of_systemd(state, active):
    text = f"ActiveState={state}\nStateChangeTimestampMonotonic=2500000\nExecMainStartTimestampMonotonic=1500000\n"
    assert parse_properties(text, 1000.0) == Service(active, 1002.5, 1001.5)


@pytest.mark.parametrize(("result", "changed_at"), [("success", 1002.5), ("exit-code", 1001.5), ("timeout", 1001.5)])
def test_reload_that_failed_read_nothing(result, changed_at):
    text = f"ActiveState=active\nReloadResult={result}\n"
    text += "StateChangeTimestampMonotonic=2500000\nExecMainStartTimestampMonotonic=1500000\n"
    assert parse_properties(text, 1000.0).changed_at == changed_at


def test_a_unit_that_systemd_does_not_know_does_not_run():
    text = "ActiveState=inactive\nStateChangeTimestampMonotonic=0\n"
    assert not parse_properties(text, 1000.0).active


def test_only_files_that_changed_after_the_start_are_newer():
    assert newer_files(Service(True, 100.0), FILES) == ["/etc/new"]


@pytest.mark.parametrize(
    ("service", "unread"), [(Service(True, 200.0, 99.5), True), (Service(True, 200.0, 101.0), False)]
)
def test_what_only_a_start_reads_is_unread_after_a_reload(service, unread):
    assert newer_files(service, FILES) == []
    assert is_unread(service, FILES) == unread
    assert not is_unread(Service(False, 0.0, 0.0), FILES)


def test_only_the_start_counts_for_what_a_reload_does_not_read():
    reloaded = Service(True, 200.0, 99.5)
    assert files_to_read(reloaded, FILES, by_reload=True) == []
    assert files_to_read(reloaded, FILES, by_reload=False) == ["/etc/new", "/etc/same"]


def test_last_change_counts_where_systemd_knows_no_main_process():
    """As systemd says it of a script in /etc/init.d."""
    text = "ActiveState=active\nStateChangeTimestampMonotonic={}\nExecMainStartTimestampMonotonic=0\n"
    early, late = (parse_properties(text.format(stamp), 90.0) for stamp in (10_000_000, 20_000_000))
    assert files_to_read(early, FILES, by_reload=False) == ["/etc/new"]
    assert files_to_read(late, FILES, by_reload=False) == []


def test_a_service_that_does_not_run_has_no_newer_files():
    assert newer_files(Service(False, 0.0), FILES) == []


def test_services_with_newer_files_are_stale():
    assert stale({"prosody": [], "nginx": ["/etc/nginx"]}) == ["nginx"]
