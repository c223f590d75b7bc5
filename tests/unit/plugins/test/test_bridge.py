# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bridge that was started a moment ago is waited for as long as that helps."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.prosody import DONE
from ansible_collections.selfhosted.jitsi.plugins.test.bridge import TestModule as Bridge

TESTS = Bridge().tests()
STARTED = "Thu 2026-10-01 12:00:00 UTC"
LINE = "JVB 2026-10-01 12:00:01 Using X(face=192.168.122.120:9/udp, mask=198.51.100.10:9/udp)"
WHERE = (STARTED, "192.168.122.120", ["198.51.100.10"])
ROOM = "jvbbrewery@internal.auth.a.test/meet"


def test_mapping_in_the_log_ends_the_wait():
    assert TESTS["bridge_mapped"]([LINE], *WHERE) is True
    assert TESTS["bridge_mapped"]([], *WHERE) is False
    assert TESTS["bridge_mapped"]([LINE.replace("12:00:01", "11:00:00")], *WHERE) is False


def test_log_that_was_rotated_ends_the_wait():
    assert TESTS["bridge_mapped"]([], *WHERE, "JVB 2026-10-09 00:00:01 tick") is True


def test_jicofo_that_does_not_run_is_not_waited_for():
    alone = [f"occupant\t{ROOM}", DONE]
    assert TESTS["bridge_in_room"](alone, [ROOM], "internal.auth.a.test", False) is True
    assert TESTS["bridge_in_room"](alone, [ROOM], "internal.auth.a.test", True) is False
    assert TESTS["bridge_in_room"]([DONE], [ROOM], "internal.auth.a.test", False) is False


def test_bridge_in_its_room_ends_the_wait():
    both = [f"occupant\t{ROOM}", f"occupant\t{ROOM.partition('/')[0]}/focus", DONE]
    assert TESTS["bridge_in_room"](both, [ROOM], "internal.auth.a.test") is True
    assert TESTS["bridge_in_room"](both[1:], [ROOM], "internal.auth.a.test") is False
    assert TESTS["bridge_in_room"]([both[0], DONE], [ROOM], "internal.auth.a.test") is False
    assert TESTS["bridge_in_room"]([DONE], [ROOM], "internal.auth.a.test") is False


def test_prosody_without_a_shell_ends_the_wait():
    assert TESTS["bridge_in_room"]([], [ROOM], "internal.auth.a.test") is True


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("bridge_mapped", ("text", *WHERE)),
        ("bridge_mapped", ([], STARTED, "192.168.122.120", "198.51.100.10")),
        ("bridge_in_room", ("text", [], "a.test")),
        ("bridge_in_room", ([], "text", "a.test")),
        ("bridge_in_room", (7, [], "a.test")),
    ],
)
def test_wrong_input_is_refused_with_what_to_give(name, arguments):
    with pytest.raises(AnsibleFilterError, match=f"{name} was given a (str|int); give it a list of lines or names"):
        TESTS[name](*arguments)
