# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The STUN servers in a config.js."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js.stun import stun_servers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ([], 0)),
        ([], ([], 0)),
        ([{"urls": "stun:a.example:443"}, {"urls": ["stun:a.example:443"]}], (["a.example:443"], 0)),
        ([{"urls": "stun:a.example"}], (["a.example:3478"], 0)),
        ([{"urls": "turn:t.example", "username": "u", "credential": "hush"}], ([], 1)),
        ([{"urls": ["stun:u:hush@a.example:1", "stun:a.example:1?x=hush"]}, "hush", {"url": "x"}], ([], 4)),
    ],
)
def test_only_addresses_of_stun_servers_are_told(value, expected):
    assert stun_servers(value) == expected
