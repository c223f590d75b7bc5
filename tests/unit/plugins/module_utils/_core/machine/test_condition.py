# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What systemd and the kernel say of a machine's condition."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.machine.condition import (
    parse_conditions,
    parse_memory,
    related,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.machine.units import parse_properties

#: In the order in which systemd prints them, and empty where there is nothing.
TIMER = """\
NextElapseUSecRealtime=Mon 2026-11-30 06:14:13 UTC
LastTriggerUSec=Sun 2026-11-29 18:32:05 UTC
Result=success
Triggers=certbot.service
LoadState=loaded
ActiveState=active
UnitFileState=enabled
NeedDaemonReload=no
"""
SERVICE = """\
Result=exit-code
TriggeredBy=certbot.timer
LoadState=loaded
ActiveState=failed
UnitFileState=static
NeedDaemonReload=yes
"""
MEMINFO = """\
MemTotal:        4014084 kB
MemFree:          204800 kB
MemAvailable:    1233920 kB
SwapTotal:             0 kB
"""
VMSTAT = "nr_free_pages 5537\noom_kill 3\noom_kill_x 9\n"


def unit(**properties):
    text = "\n".join(f"{name}={value}" for name, value in properties.items())
    return parse_conditions(["one"], text, set(), {})["one"]


def test_timer_is_known_with_the_service_that_it_starts():
    text = f"{TIMER}\n{SERVICE}"
    names = ["certbot.timer", "certbot"]
    assert related(parse_properties(names, text)) == ["certbot.service"]
    units = parse_conditions(names, text, set(), parse_properties(["certbot.service"], SERVICE))
    timer, service = units["certbot.timer"], units["certbot"]
    assert (timer.exists, timer.active, timer.enabled, timer.needs_reload) == (True, True, True, False)
    assert (timer.next_run, timer.last_run) == ("Mon 2026-11-30 06:14:13 UTC", "Sun 2026-11-29 18:32:05 UTC")
    assert (timer.triggers, timer.failed) == (("certbot.service",), ("certbot.service",))
    assert (service.state, service.result, service.active, service.needs_reload) == ("failed", "exit-code", False, True)
    assert service.triggered_by == ("certbot.timer",)


@pytest.mark.parametrize(
    ("file_state", "enabled"),
    [
        ("enabled", True),
        ("enabled-runtime", False),
        ("static", True),
        ("alias", True),
        ("indirect", True),
        ("disabled", False),
        ("masked", False),
        ("masked-runtime", False),
        ("linked", False),
        ("generated", False),
        ("transient", False),
        ("", False),
    ],
)
def test_next_boot_is_judged_by_the_state_of_the_file(file_state, enabled):
    assert unit(UnitFileState=file_state).enabled is enabled


def test_script_with_a_link_starts_at_boot():
    text = "LoadState=loaded\nUnitFileState=generated"
    assert parse_conditions(["jicofo"], text, {"jicofo"}, {})["jicofo"].enabled is True


@pytest.mark.parametrize(
    ("file_state", "socket", "enabled"),
    [("disabled", "enabled", True), ("disabled", "disabled", False), ("masked", "enabled", False)],
)
def test_enabled_socket_starts_its_service(file_state, socket, enabled):
    text = f"LoadState=loaded\nUnitFileState={file_state}\nTriggeredBy=ssh.socket"
    assert related(parse_properties(["ssh"], text)) == ["ssh.socket"]
    units = parse_conditions(["ssh"], text, set(), {"ssh.socket": {"UnitFileState": socket}})
    assert units["ssh"].enabled is enabled


def test_time_that_never_was_is_empty():
    assert unit(LastTriggerUSec="n/a", NextElapseUSecRealtime="").last_run == ""


def test_unit_of_which_systemd_does_not_speak_is_not_there():
    (found,) = parse_conditions(["one"], "", set(), {}).values()
    assert (found.exists, found.state, found.active, found.enabled) == (False, "unknown", False, False)
    assert unit(LoadState="not-found", ActiveState="inactive").exists is False


def test_memory_is_in_mebibytes():
    assert parse_memory(MEMINFO, VMSTAT) == {
        "total": 3920,
        "available": 1205,
        "swap_total": 0,
        "swap_free": 0,
        "oom_kills": 3,
    }


def test_kernel_that_says_nothing_has_no_memory():
    assert set(parse_memory("", "oom_kill\n").values()) == {0}
