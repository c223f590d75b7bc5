# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from ansible.module_utils import basic
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import config_js

EDITOR = config_js
FILE = "config.js"
BEFORE = b"var config = { a: 1 };\r\n"
BLOCK = b"// BEGIN selfhosted.jitsi.config_js\r\n%s;\r\n// END selfhosted.jitsi.config_js\r\n"
KEY = {"key": "a", "value": "new"}
SECRET = "s3cr\\et 'quoted\" word"


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        (KEY, b'config.a = "new"'),
        ({"key": "a", "value": None}, b"config.a = null"),
        ({"key": "a", "value": True}, b"config.a = true"),
        ({"key": "a", "value": "true"}, b'config.a = "true"'),
        ({"key": "a", "value": 10000}, b"config.a = 10000"),
        ({"key": "a", "value": [{"urls": "stun:a:443"}]}, b'config.a = [{"urls": "stun:a:443"}]'),
    ],
)
def test_four_steps(four_steps, file, setting, line):
    result = four_steps(file, settings=[setting])
    assert file.read_bytes() == BEFORE + BLOCK % line
    assert result["diff"][0]["before"] == BEFORE.decode()
    assert result["diff"][0]["after"] == (BEFORE + BLOCK % line).decode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert result["notes"] == []


def test_four_steps_absent(four_steps, file):
    file.write_bytes(BEFORE + BLOCK % b"config.a = 2")
    result = four_steps(file, settings=[{"key": "a", "state": "absent"}])
    assert file.read_bytes() == BEFORE
    assert result["notes"] == ["line 1: the file itself still seems to set a"]


def test_four_steps_create(four_steps, tmp_path):
    file = tmp_path / "config.js"
    result = four_steps(file, settings=[KEY], create=True, mode="0600")
    assert file.read_bytes().splitlines()[1:3] == [b"var config = config || {};", b'config.a = "new";']
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert result["diff"][0]["before_header"] == "/dev/null"


@pytest.mark.parametrize("check", [True, False])
def test_missing_file_is_an_error(run, check):
    assert "it does not exist; create it first" in run(check=check, settings=[KEY])["msg"]


@pytest.mark.parametrize("setting", [{"key": "a"}, {"key": "a", "state": "present"}])
def test_missing_value_is_an_error(run, file, setting):
    result = run(settings=[setting])
    assert result["failed"]
    assert "value" in result["msg"]
    assert file.read_bytes() == BEFORE


@pytest.mark.parametrize("check", [True, False])
def test_broken_file_is_refused_with_file_and_place(run, file, check):
    file.write_bytes(b"var config = {\n a: 'b'\n")
    result = run(check=check, settings=[KEY])
    assert result["msg"] == f"Cannot edit {file}: line 1: column 14: this {{ is not closed; close it with }}"
    assert file.read_bytes() == b"var config = {\n a: 'b'\n"


def test_validate_refuses(run, file):
    result = run(settings=[KEY], validate="grep -q old %s", backup=True)
    assert "rejected the result with exit code 1, so nothing was written" in result["msg"]
    assert file.read_bytes() == BEFORE


def test_backup(run, file):
    assert Path(run(settings=[KEY], backup=True)["backup_file"]).read_bytes() == BEFORE
    assert "backup_file" not in run(settings=[KEY], backup=True)


@pytest.mark.parametrize("secret", [SECRET, "e", True])
def test_secrets_appear_nowhere(run, file, monkeypatch, secret):
    logged = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda self, *args, **kwargs: logged.append((args, kwargs)))
    file.write_bytes(b"var config = { apiKey: 'keep-this-quiet' };\n")
    settings = [{"key": "jwt.token", "value": secret}, {"key": "y", "value": {"password": secret, "z": "shown"}}]
    result = run(settings=settings)
    shown = result["invocation"]["module_args"]["settings"]
    assert shown[0]["value"] == shown[1]["value"]["password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert result["diff"][0]["before"] == "var config = { apiKey: ******** };\n"
    assert "config.jwt.token = ********;\n" in result["diff"][0]["after"]
    assert 'config.y = {"password": ********, "z": "shown"};\n' in result["diff"][0]["after"]
    assert logged
    for text in ("quiet", "quoted"):
        assert text not in json.dumps(result) + str(logged)


@pytest.mark.parametrize("value", [SECRET, "e", {"x": SECRET}])
def test_a_marked_setting_is_secret_whatever_its_key_is_called(run, file, monkeypatch, value):
    logged = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda self, *args, **kwargs: logged.append((args, kwargs)))
    file.write_bytes(b"var config = { a: { nick: 'old-and-hidden', nickname: 'shown' } };\n// nick: 'quiet'\n")
    result = run(settings=[{"key": "a.nick", "value": value, "secret": True}, {"key": "y", "value": 1}])
    assert result["changed"] is True
    before = "var config = { a: { nick: ********, nickname: 'shown' } };\n// nick********\n"
    assert result["diff"][0]["before"] == before
    assert "********" in result["diff"][0]["after"][len(before) :]
    assert "config.y = 1;\n" in result["diff"][0]["after"]
    assert result["invocation"]["module_args"]["settings"][0]["value"] != value
    assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in str(logged)
    for text in ("quiet", "old-and", "quoted"):
        assert text not in json.dumps(result) + str(logged)


def test_refusals_show_no_secrets(run, file):
    settings = [{"key": "a.token", "value": SECRET}, {"key": "a", "value": SECRET}]
    result = run(settings=settings)
    assert "a.token is inside a" in result["msg"]
    assert "quoted" not in json.dumps(result["msg"])
