# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of a config.js that somebody has changed."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js.changes import changes, settings

ORIGINAL = """var config = {
    hosts: { domain: 'meet.example.org' },
    // resolution: 720,
    p2p: { enabled: true, stunServers: [ { urls: 'stun:a.example:443' } ] },
    toolbarButtons: [ 'chat', "hangup" ],
    analytics: {}
};
"""


def told(text):
    return [(change.key, change.value, change.is_plain) for change in changes(text, ORIGINAL)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("domain: 'meet", 'domain: \'<!--# echo var="subdomain" default="" -->meet', []),
        ("// resolution: 720", "resolution: 480", [("resolution", 480, True)]),
        ("enabled: true", "enabled: false", [("p2p.enabled", False, True)]),
        ("a.example", "b.example", [("p2p.stunServers", [{"urls": "stun:b.example:443"}], True)]),
        ("[ 'chat', \"hangup\" ]", "[]", [("toolbarButtons", [], True)]),
        ("analytics: {}", "analytics: { disabled: true }", [("analytics.disabled", True, True)]),
        ("};", "};\nconfig.resolution = -1.5;", [("resolution", -1.5, True)]),
        ("// resolution: 720", "resolution: window.x", [("resolution", ["window", ".", "x"], False)]),
        ("// resolution: 720", "resolution: 2 * 360", [("resolution", ["2", "*", "360"], False)]),
    ],
)
def test_change_is_told(before, after, expected):
    assert told(ORIGINAL.replace(before, after)) == expected


def test_order_of_lines_and_comments_are_no_change():
    text = ORIGINAL.replace("enabled: true, ", "").replace("443' } ]", "443' } ], /* on */ enabled: true")
    assert told(text) == []


@pytest.mark.parametrize(
    ("line", "shown"), [("a: 1", 1), ("dropbox: { appKey: 'hush' }", None), ("a: window.hush", None)]
)
def test_secret_and_computed_values_are_not_shown(line, shown):
    (change,) = changes(f"var config = {{ {line} }};", "var config = {};")
    assert change.data()["value"] == shown
    assert "hush" not in str(change.data())


def test_last_value_counts():
    assert settings("var config = { a: 1 }; config.a = 2;")["a"].value == 2
