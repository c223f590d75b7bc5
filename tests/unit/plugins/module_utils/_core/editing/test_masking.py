# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js import edit as config_js
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.editing.masking import (
    SECRET,
    holds_secret,
    of_names,
    without_secrets,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon import mask as hocon_mask
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.java_properties import edit as java_properties

NAMES = [
    "org.jitsi.jigasi.xmpp.acc.PASS",
    "certpass",
    "storepass",
    "jks.pass",
    "keyPass",
    "MUC_PASS",
    "passcode",
    "pass-phrase",
    "keyStorePassword",
    "ice.pwd",
    "app_secret",
    "auth-token",
    "credential",
    "access_key",
    "jwt.key",
    "Authorization",
]
HARMLESS = ["bypass", "compass.show", "passive", "passenger", "key", "author", "trust", "host"]
VALUES = [
    "{'iceServers':[{credential:'hush'}]}",
    '{"credential": "hush"}',
    '{\\"credential\\" : \\"hush\\"}',
    "a=1&token=hush",
    "user=me;PASSWORD=hush",
    "turn:a?x PASS: hush",
    "https://me:hush@host/",
    "redis://:hush@10.0.0.1",
    "jdbc:postgresql://h/db?user=u&password=hush",
]
PLAIN = ["https://host:8080/path@x", "token", "internal_hashed", "a:b@c", "stun:stun.example.org:443", "[::1]:80"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_secrets_are_known(name):
    assert SECRET.search(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_other_names_are_none(name):
    assert not SECRET.search(name)


def test_a_marked_name_counts_as_a_whole():
    secret = of_names(["x.nick"])
    assert secret.search("x.nick")
    assert secret.search("a.PASS")
    assert not secret.search("x.nickname")
    assert holds_secret("x.nick = hush", secret)


@pytest.mark.parametrize("value", VALUES)
def test_secrets_in_values_are_found(value):
    assert holds_secret(value, SECRET)


@pytest.mark.parametrize("value", PLAIN)
def test_plain_values_hold_none(value):
    assert not holds_secret(value, SECRET)


def quoted(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def in_hocon(name, value):
    text = f"a {{ {name} = {quoted(value)}, l = [[{quoted(value)}], 1] }} # {value}\nshown = seen\n".encode()
    return hocon_mask.masked(text, text, SECRET)


def in_properties(name, value):
    escaped = value.replace("\\", "\\\\")
    text = f"{name} = {escaped}\n#{name}={escaped}\n# {escaped}\nshown = seen\n".encode()
    return java_properties.masked(text, text, "utf-8", SECRET)


def in_config_js(name, value):
    text = f"config.a['{name}'] = {quoted(value)};\n\n// {value}\n\nvar shown = 'seen';\n".encode()
    return config_js.masked(text, text, SECRET)


EDITORS = [in_hocon, in_properties, in_config_js]


@pytest.mark.parametrize("editor", EDITORS)
@pytest.mark.parametrize("value", VALUES)
def test_no_editor_shows_a_secret_in_a_value(editor, value):
    for shown in editor("iceServers", value):
        assert "hush" not in shown
        assert "seen" in shown


@pytest.mark.parametrize("editor", EDITORS)
@pytest.mark.parametrize("value", PLAIN)
def test_each_editor_shows_a_plain_value(editor, value):
    for shown in editor("iceServers", value):
        assert value in shown


@pytest.mark.parametrize("name", ["acc.PASS", "certpass", "storepass", "jks.pass"])
def test_each_editor_masks_the_values_of_secret_names(name):
    properties = f"{name}=hush\n#{name} hush\n".encode()
    hocon = f"{name} = hush\n".encode()
    script = f"config.{name} = 'hush';\n".encode()
    shown = [
        java_properties.masked(properties, properties, "utf-8", SECRET)[0],
        hocon_mask.masked(hocon, hocon, SECRET)[0],
        config_js.masked(script, script, SECRET)[0],
    ]
    assert [text for text in shown if "hush" in text or "********" not in text] == []


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("PASSWORD=hush more", "PASSWORD=******** more"),
        ('"password": "hush", "a": 1', '"password": "********", "a": 1'),
        ("secret_key: hush", "secret_key: ********"),
        ("acc.PASS=hush", "acc.PASS=********"),
        ("GET /room?jwt=hush&a=1", "GET /room?jwt=********&a=1"),
        ("Authorization: Bearer hush", "Authorization: Bearer ********"),
        ("cannot reach http://me:hush@host/", "cannot reach http://me:********@host/"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_secrets_are_masked_in_logs(line, shown):
    assert without_secrets(line) == shown
