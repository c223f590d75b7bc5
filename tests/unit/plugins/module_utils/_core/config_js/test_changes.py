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
    ("line", "shown"),
    [
        ("a: 1", 1),
        ("a: window.hush", None),
        ("dropbox: { appKey: 'hush' }", None),
        ("giphy: { sdkKey: 'hush' }", None),
        ("auth: { psk: 'hush' }", None),
        ("ice: [{ urls: 'turn:x', username: 'u', credential: 'hush' }]", None),
        ("list: [[{ password: 'hush' }]]", None),
        ("url: 'https://anna:hush@x.test/'", None),
        ("url: 'https://hush@x.test/'", None),
        ("urls: ['https://x.test/?token=hush']", None),
        ("url: 'https://x.test/@anna'", "https://x.test/@anna"),
        ("url: 'https://x.test/a'", "https://x.test/a"),
        ("enableUserRolesBasedOnToken: true", True),
    ],
)
def test_secret_and_computed_values_are_not_shown(line, shown):
    (change,) = changes(f"var config = {{ {line} }};", "var config = {};")
    assert change.data()["value"] == shown
    assert "hush" not in str(change.data())


def test_last_value_counts():
    assert settings("var config = { a: 1 }; config.a = 2;")["a"].value == 2


@pytest.mark.parametrize(
    "line",
    [
        "if (location.search.indexOf('rec') > 0) { config.a = true; }",
        "if (x) config.a = true;",
        "if (x) y(), config.a = true;",
        "if (x) {} else config.a = true;",
        "x && (config.a = true);",
        "x ? config.a = true : config.b = true;",
        "function f() { config.a = true; }",
        "x.then(() => config.a = true);",
        "if (x) { config.a = { b: true }; }",
        "config.a = true; if (x) { config.a = false; }",
        "config.a = true; delete config.a;",
        "config.a ||= true;",
        "config.a = []; config.a.push(1);",
        "config.a = []; config.a[0] = 1;",
        "config.a = []; config.a['0'] = 1;",
        "config[a] = true;",
        "config['\\08'] = true;",
        "config.a = 'caf\udce9';",
        "config.a = '\\08';",
        "config.a = ['\\u{110000}'];",
        "config.a = 1e400;",
        "config.a = 1 in x;",
        "config.a = '<!--# include -->';",
        "config.a = x; config.b = config.a;",
        "Object.assign(config, { a: true });",
        "Object.assign(config.p2p, { a: true });",
        "config = x || { a: true };",
        "var x = config; config.a = true; x.a = false;",
        "var x = config || {}; config.a = true; x.a = false;",
        "config.a = { ...x };",
        "config.a = { x };",
        "config.a = { [x]: 1 };",
        "config.a = { x() {} };",
        "config.a = { b: 1 }; if (x) config.a = 2;",
        "config.a = [1]; config.a[0]++;",
        "config.a = [1]; delete config.a[0];",
        "config.a = [1]; config.a[0] = { ...x };",
        "config[a] = { b: 1 };",
        "config.a = 1; if (x) config.a = {};",
        "config.a = { b: 1 }; if (x) config.a = {};",
        "config.a = { b: 1 }; var x = config.a; x.b = 2;",
        "config.a = [1]; var x = config.a; x[0] = 2;",
        "config.a = { b: 1 }; var a = config.a || {}; a.b = 2;",
        "Object.freeze(config.a); config.a.b = true;",
    ],
)
def test_value_that_not_every_browser_has_is_not_plain(line):
    found = changes(f"{ORIGINAL}{line}", ORIGINAL)
    assert found
    assert not [change for change in found if change.is_plain]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("config.lobby = {}; config.lobby.autoKnock = true;", [("lobby.autoKnock", True, True)]),
        ("if (!config.lobby) config.lobby = {};\nconfig.lobby.autoKnock = true;", [("lobby.autoKnock", True, True)]),
        ("config.lobby = config.lobby || {}; config.lobby.autoKnock = true;", [("lobby.autoKnock", True, True)]),
        ("window.config = config; var x = config.b, y = config ? 1 : 2; config.a = 1;", [("a", 1, True)]),
        ("config.a = 1; var x = config.a;", [("a", 1, True)]),
        ("config.a = 1; config = config || {};", [("a", 1, True)]),
        ("config.p2p = config.p2p || {}; config.p2p.enabled = false;", [("p2p.enabled", False, True)]),
        ("if (!config.analytics) config.analytics = {}; config.analytics.a = 1;", [("analytics.a", 1, True)]),
        ("config.lobby = {};", [("lobby", {}, True)]),
        ("config.p2p = null;", [("p2p", None, True)]),
        ("config.p2p = { enabled: true, stunServers: [] };", [("p2p.stunServers", [], True)]),
        ("var x = 1, y = 2; config.a = x() || 1;", [("a", ["x", "(", ")", "||", "1"], False)]),
        ("foo(), config.a = 1;", [("a", 1, True)]),
        ("config.a = 1; foo(config.a);", [("a", 1, True)]),
        (f"config.a = 1{'0' * 400};", [("a", 10**400, True)]),
        ("config.a = [1, 2,];", [("a", [1, 2], True)]),
        (
            r"""config.a = 'It\'s "\xe9\u{1F600}\ud83d\ude00\v\0\q\
"';""",
            [("a", 'It\'s "\xe9\U0001f600\U0001f600\v\0q"', True)],
        ),
    ],
)
def test_value_that_every_browser_has_is_told(line, expected):
    assert [(one.key, one.value, one.is_plain) for one in changes(f"{ORIGINAL}{line}", ORIGINAL)] == expected


def test_condition_of_the_package_is_no_change():
    original = f"{ORIGINAL}if (isJaas) {{ config.a = 'x'; config.toolbarButtons.push('y'); }}"
    assert changes(original, original) == []
    changed = original.replace("if (", "config.b = 1; if (").replace("'x'", "'z'")
    assert [(one.key, one.is_plain) for one in changes(changed, original)] == [("b", True), ("a", False)]
