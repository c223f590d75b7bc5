# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What systemd says of units, in the order in which it was asked."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.machine.units import Unit, parse_units

TEXT = (
    "ActiveState=active\nUnitFileState=enabled\n\n"
    "ActiveState=activating\nUnitFileState=generated\n\n"
    "UnitFileState=disabled\nActiveState=failed\n\n"
    "ActiveState=inactive\nUnitFileState=\n"
)


def test_each_unit_has_its_own_paragraph():
    assert parse_units(["nginx", "jicofo", "prosody", "none"], TEXT) == {
        "nginx": Unit(True, True),
        "jicofo": Unit(False, False),
        "prosody": Unit(False, False),
        "none": Unit(False, False),
    }


@pytest.mark.parametrize("names", [["nginx"], ["a", "b", "c", "d", "e"]])
def test_answer_about_other_units_is_refused(names):
    with pytest.raises(ValueError, match="systemctl answered 4 times"):
        parse_units(names, TEXT)


def test_nobody_asked_is_no_unit():
    assert parse_units([], "") == {}
