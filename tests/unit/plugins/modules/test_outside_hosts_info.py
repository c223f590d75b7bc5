"""The module, asked about a tree of files."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import outside_hosts_info


def run(capsys, root, **more):
    with patch_module_args({"fqdn": "meet.example", "root": str(root), **more}), pytest.raises(SystemExit):
        outside_hosts_info.main()
    printed = capsys.readouterr().out
    return json.loads(printed), printed


def write(root, name, text):
    root.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
    root.joinpath(name).write_text(text)


def test_nothing_is_found_where_nothing_is(capsys, tmp_path):
    result, _printed = run(capsys, tmp_path)
    assert (result["hosts"], result["problems"], result["changed"]) == ([], [], False)


def test_all_files_are_read_and_no_secret_is_told(capsys, tmp_path):
    write(tmp_path, "etc/jitsi/meet/meet.example-config.js", "var config = { a: 'https://one.example/' };")
    write(tmp_path, "etc/jitsi/meet/other.example-config.js", "var config = { a: 'https://no.example/' };")
    write(tmp_path, "usr/share/jitsi-meet/interface_config.js", "var i = { SUPPORT_URL: 'https://two.example/' };")
    write(tmp_path, "etc/jitsi/videobridge/jvb.conf", 'a.PASSWORD = "hush"\nb = "https://three.example"')
    write(tmp_path, "etc/jitsi/videobridge/sip-communicator.properties", "s.PASSWORD=hush\nx=four.example:443\n")
    write(tmp_path, "etc/prosody/prosody.cfg.lua", 'modules_enabled = { "external_services" }')
    write(
        tmp_path, "etc/prosody/conf.d/b.cfg.lua", 'external_services = { { host = "five.example", secret = "hush" } }'
    )
    result, printed = run(capsys, tmp_path)
    names = [item["host"].partition(".")[0] for item in result["hosts"]]
    assert names == ["one", "two", "three", "four", "five"]
    assert [item["link"] for item in result["hosts"]] == [False, True, False, False, False]
    assert result["hosts"][0] == {
        "file": str(tmp_path / "etc/jitsi/meet/meet.example-config.js"),
        "host": "one.example",
        "key": "config.a",
        "link": False,
    }
    assert "hush" not in printed


def test_own_names_are_left_out(capsys, tmp_path):
    write(tmp_path, "etc/jitsi/meet/meet.example-config.js", "var config = { a: 'https://one.example/' };")
    assert run(capsys, tmp_path, own=["one.example"])[0]["hosts"] == []
