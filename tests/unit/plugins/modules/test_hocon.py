# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from ansible.module_utils import basic
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import hocon

EDITOR = hocon
FILE = "a.conf"
BEFORE = b"a { K : old }\r\nl = [1]\r\n"
KEY = {"key": "a.K", "value": "new"}
PASSWORD = "s3cr\\et 'quoted\" word"


@pytest.mark.parametrize(
    ("setting", "after"),
    [
        (KEY, b'a { K : "new" }\r\nl = [1]\r\n'),
        ({"key": "a.K", "value": None}, b"a { K : null }\r\nl = [1]\r\n"),
        ({"key": "l", "state": "absent"}, b"a { K : old }\r\n"),
        ({"key": "l", "value": [{"b": True}, 2.5]}, b'a { K : old }\r\nl = [{"b": true}, 2.5]\r\n'),
        (
            {"key": '"x.y".z', "value": 1},
            BEFORE + b'# BEGIN selfhosted.jitsi.hocon\r\n"x.y".z = 1\r\n# END selfhosted.jitsi.hocon\r\n',
        ),
    ],
)
def test_four_steps(four_steps, file, setting, after):
    result = four_steps(file, settings=[setting])
    assert file.read_bytes() == after
    assert result["diff"][0]["before"] == BEFORE.decode()
    assert result["diff"][0]["after"] == after.decode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert "backup_file" not in result


def test_four_steps_create(four_steps, tmp_path):
    file = tmp_path / "a.conf"
    result = four_steps(file, settings=[KEY], create=True, mode="0600")
    assert file.read_bytes() == b'# BEGIN selfhosted.jitsi.hocon\na.K = "new"\n# END selfhosted.jitsi.hocon\n'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert result["diff"][0]["before_header"] == "/dev/null"


def test_nothing_to_write_creates_nothing(run, tmp_path):
    result = run(settings=[{"key": "K", "state": "absent"}], create=True)
    assert not result["changed"]
    assert list(tmp_path.glob("*.conf")) == []


@pytest.mark.parametrize("check", [True, False])
def test_a_value_that_is_missing_is_not_null(run, file, check):
    result = run(check=check, settings=[{"key": "a.K"}])
    assert "state is present but all of the following are missing: value" in result["msg"]
    assert file.read_bytes() == BEFORE


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (float("nan"), "HOCON has no number for nan"),
        ([float("inf")], "HOCON has no number for inf"),
        ({"a": 1 << 63}, "the integer does not fit in 64 bits"),
    ],
)
def test_values_that_hocon_cannot_hold_are_refused(run, file, value, problem):
    assert f"settings[0] (a.K): {problem}; " in run(settings=[{"key": "a.K", "value": value}])["msg"]
    assert file.read_bytes() == BEFORE


@pytest.mark.parametrize("check", [True, False])
def test_a_file_that_does_not_parse_is_refused_with_file_and_line(run, file, check):
    file.write_bytes(b"a = 1\nb = x@y\n")
    result = run(check=check, settings=[KEY])
    assert result["failed"]
    assert result["msg"].startswith(f"Cannot edit {file}: line 2: column 6: '@' is not allowed outside quotes; ")
    assert file.read_bytes() == b"a = 1\nb = x@y\n"


def test_types_are_kept(run, file):
    for value in ("true", True, "10000", 10000, "", None, 1.5, "${a}", "#x", "é\u2028", [], {}, {"x.y": [None]}):
        assert run(settings=[{"key": "l", "value": value}])["changed"] is True
        assert run(settings=[{"key": "l", "value": value}])["changed"] is False


def test_bytes_of_another_encoding_in_a_comment(run, file):
    file.write_bytes(b"# caf\xe9\n" + BEFORE)
    result = run(settings=[KEY])
    assert json.loads(json.dumps(result))["diff"][0]["before"] == "# caf?\n" + BEFORE.decode()
    assert file.read_bytes() == b"# caf\xe9\n" + BEFORE.replace(b"old", b'"new"')


def test_notes(run, file):
    file.write_bytes(b"a = {x = 1}\na = {y = 2}\n")
    result = run(settings=[{"key": "a", "value": {"z": 3}}])
    assert result["notes"] == ["a: null hides all earlier values, including the program's own defaults"]
    assert file.read_bytes().endswith(b'\na = null\na = {"z": 3}\n# END selfhosted.jitsi.hocon\n')


def test_backup(run, file):
    backup = Path(run(settings=[KEY], backup=True)["backup_file"])
    assert backup.read_bytes() == BEFORE
    assert "backup_file" not in run(settings=[KEY], backup=True)


def test_validate_refuses(run, file):
    assert "with exit code 1, so nothing was written" in run(settings=[KEY], validate="grep -q nothing %s")["msg"]
    assert file.read_bytes() == BEFORE


@pytest.mark.parametrize("secret", [PASSWORD, "e", [PASSWORD], {"x": PASSWORD}])
def test_secrets_appear_nowhere(run, file, monkeypatch, secret):
    logged = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda self, *args, **kwargs: logged.append((args, kwargs)))
    file.write_bytes(b"a.SECRET=[keep-this-quiet]\nx { PASSWORD=old-and-hidden }\n# PASSWORD=quiet too\n")
    settings = [
        {"key": "x.PASSWORD", "value": secret},
        {"key": "y", "value": "shown"},
        {"key": "z", "value": {"token": PASSWORD}},
    ]
    result = run(settings=settings)
    assert result["changed"] is True
    before = "a.SECRET=********\nx { PASSWORD=******** }\n# PASSWORD********\n"
    assert result["diff"][0]["before"] == before
    assert 'y = "shown"\n' in result["diff"][0]["after"]
    assert 'z = {"token": ********}\n' in result["diff"][0]["after"]
    assert logged
    for text in ("quiet", "old-and", "quoted"):
        assert text not in json.dumps(result) + str(logged)


@pytest.mark.parametrize("value", [PASSWORD, "e", [PASSWORD], {"x": PASSWORD}])
def test_a_marked_setting_is_secret_whatever_its_key_is_called(run, file, monkeypatch, value):
    logged = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda self, *args, **kwargs: logged.append((args, kwargs)))
    file.write_bytes(b'x { "n.k" = old-and-hidden # quiet\n # n.k = quiet\n "n.k".y = [quiet] }\nx.n = shown\n')
    result = run(settings=[{"key": 'x."n.k"', "value": value, "secret": True}, {"key": "y", "value": 1}])
    assert result["changed"] is True
    before = 'x { "n.k" = ******** #********\n # n.k********\n "n.k".y = ******** }\nx.n = shown\n'
    assert result["diff"][0]["before"] == before
    assert "********" in result["diff"][0]["after"][len(before) :]
    assert "y = 1\n" in result["diff"][0]["after"]
    assert result["invocation"]["module_args"]["settings"][0]["value"] != value
    assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in str(logged)
    for text in ("quiet", "old-and", "quoted"):
        assert text not in json.dumps(result) + str(logged)


def test_secrets_do_not_appear_when_the_options_are_wrong(run, file):
    result = run(settings=[{"key": "x.PASSWORD", "value": PASSWORD, "state": "bogus"}])
    assert result["failed"]
    assert "quoted" not in json.dumps(result)
