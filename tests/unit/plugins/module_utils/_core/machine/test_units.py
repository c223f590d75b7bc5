# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What systemd says of units, in the order in which it was asked."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.machine.units import Unit, parse_units

#: As systemctl of Debian 12 and 13 prints it: in an order of its own, and empty where there is nothing.
TEXT = (
    "LoadState=loaded\nActiveState=active\nDropInPaths=/etc/a.conf /etc/b.conf\nUnitFileState=enabled\n"
    "ExecMainStartTimestamp=Sun 2026-11-29 08:00:00 UTC\n\n"
    "LoadState=loaded\nActiveState=activating\nUnitFileState=generated\n\n"
    "UnitFileState=disabled\nActiveState=failed\nLoadState=loaded\n\n"
    "LoadState=not-found\nActiveState=inactive\nUnitFileState=\n"
)


def test_each_unit_has_its_own_paragraph():
    units = parse_units(["nginx", "jicofo", "prosody", "none"], TEXT)
    assert units["nginx"].drop_ins == ("/etc/a.conf", "/etc/b.conf")
    assert units == {
        "nginx": Unit("active", True, True, True, units["nginx"].drop_ins, "Sun 2026-11-29 08:00:00 UTC"),
        "jicofo": Unit("activating", exists=True),
        "prosody": Unit("failed", exists=True),
        "none": Unit("inactive"),
    }


def test_script_starts_at_boot_if_a_link_says_so():
    units = parse_units(["nginx", "jicofo", "prosody", "none"], TEXT, {"nginx", "jicofo", "prosody"})
    assert [name for name, unit in units.items() if unit.enabled] == ["nginx", "jicofo"]


@pytest.mark.parametrize(
    ("names", "text"), [(["nginx"], TEXT), (["a", "b", "c", "d", "e"], TEXT), (["nginx", "prosody"], "")]
)
def test_of_units_whose_state_is_not_known_none_runs(names, text):
    assert parse_units(names, text) == {name: Unit() for name in names}


def test_nobody_asked_is_no_unit():
    assert parse_units([], "") == {}
