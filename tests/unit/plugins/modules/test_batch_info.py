# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules that run inside another one decide as they do alone, change nothing, and keep their secrets."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import batch_info

SECRET = "correct horse battery"


@pytest.fixture
def run(capsys):
    """Runs main() and gives its result."""

    def call(*entries):
        with patch_module_args({"modules": list(entries)}), pytest.raises(SystemExit):
            batch_info.main()
        return json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def conf(tmp_path):
    path = tmp_path / "jvb.conf"
    path.write_text("videobridge { ice { udp { port = 10000 } } }\n")
    return path


def setting(path, name, key, value, **more):
    options = {"path": str(path), "settings": [{"key": key, "value": value}]}
    return {"name": name, "module": "hocon", "options": options, **more}


def test_each_module_says_what_it_would_do_and_does_nothing(run, conf):
    before = (conf.read_bytes(), conf.stat().st_mtime_ns)
    result = run(
        setting(conf, "right", "videobridge.ice.udp.port", 10000), setting(conf, "wrong", "videobridge.ice.udp.port", 1)
    )
    assert (result["changed"], result["owed"]) == (False, ["wrong"])
    assert [result["by_name"][name]["changed"] for name in ("right", "wrong")] == [False, True]
    assert (conf.read_bytes(), conf.stat().st_mtime_ns) == before
    assert list(conf.parent.iterdir()) == [conf]


def test_only_what_changes_is_shown(run, conf):
    right = setting(conf, "right", "videobridge.ice.udp.port", 10000)
    wrong = setting(conf, "wrong", "videobridge.ice.udp.port", 1)
    shown = run(right, wrong)["by_name"]
    assert shown["right"]["diff"] == []
    assert "10000" in shown["wrong"]["diff"][0]["before"]


def test_failure_of_one_does_not_stop_the_others(run, conf, tmp_path):
    result = run(
        setting(tmp_path / "none", "missing", "a", 1),
        {"name": "options", "module": "hocon", "options": {"pfad": "x"}},
        setting(conf, "right", "videobridge.ice.udp.port", 10000),
    )
    assert result["owed"] == ["missing", "options"]
    assert "does not exist" in result["by_name"]["missing"]["msg"]
    assert "missing required arguments" in result["by_name"]["options"]["msg"]


def test_failure_of_a_required_one_is_the_modules_own(run, tmp_path):
    result = run(setting(tmp_path / "none", "missing", "a", 1, required=True))
    assert result["failed"] is True
    assert "does not exist" in result["msg"]


def test_same_name_twice_is_refused(run, conf):
    entry = setting(conf, "port", "a", 1)
    assert "the name 'port' stands at two entries" in run(entry, entry)["msg"]


def test_secret_appears_nowhere(run, conf, capsys, monkeypatch):
    logged = []
    monkeypatch.setattr(batch_info.AnsibleModule, "log", lambda _self, text, **_more: logged.append(str(text)))
    result = run(
        setting(conf, "password", "videobridge.password", SECRET),
        setting(conf, "path", SECRET, "a"),
        {"name": "refused", "module": "hocon", "options": {"path": str(conf), "settings": [{"password": SECRET}]}},
    )
    assert result["owed"] == ["password", "path", "refused"]
    shown = {name: value for name, value in result.items() if name != "by_name"}
    shown["password"] = result["by_name"]["password"]
    assert SECRET not in json.dumps(shown)
    assert logged
    assert SECRET not in "".join(logged)


def test_what_a_module_finds_is_returned(run, tmp_path):
    (tmp_path / "there").write_text("deb https://download.example.org stable/\n")
    options = {
        "expected": [{"path": str(tmp_path / "missing")}],
        "searches": [{"patterns": [str(tmp_path / "*")], "expression": "^deb .*example"}],
    }
    result = run({"name": "files", "module": "machine_info", "options": options})
    assert result["owed"] == ["files"]
    assert result["by_name"]["files"]["differing"] == [str(tmp_path / "missing")]
    assert result["by_name"]["files"]["found"] == {"^deb .*example": [str(tmp_path / "there")]}
