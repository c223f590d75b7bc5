# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.urls import without_user


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example/debian", "http://a.example/debian"),
        ("http://ada:secret@a.example/debian", "http://a.example/debian"),
        ("http://ada:sec@ret@a.example:8080/x@y", "http://a.example:8080/x@y"),
        ("balancer://ada@pool", "balancer://pool"),
        ("http://ada:a?b#c@a.example/", "http://a.example/"),
        ("file:/srv/packages", "file:/srv/packages"),
    ],
)
def test_user_is_left_out(url, expected):
    assert without_user(url) == expected
