# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module on a machine whose files hold secrets. None of them is in its result."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.machine.packages import Packages
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import existing_site_info
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.existing import jitsi
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.existing.proxy import read_proxy

ADDRESSES = [{"ifname": "eth0", "addr_info": [{"local": "192.168.122.120", "prefixlen": 24}]}]
ADDRESSES += [{"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8}]}]
FILES = {
    "jitsi/meet/meet.test-config.js": "var config = { resolution: 480, dropbox: { appKey: 'hush' }, "
    "p2p: { stunServers: [{ urls: ['turn:t.test', 'stun:s.test'], credential: 'hush' }] } };",
    "jitsi/videobridge/sip-communicator.properties": "a.NAT_HARVESTER_PRIVATE=hush\n"
    "org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT=10002\norg.jitsi.videobridge.xmpp.user.shard.PASSWORD=hush\n",
    "prosody/prosody.cfg.lua": 'external_service_secret = "hush"\n',
    "prosody/conf.d/meet.test.cfg.lua": 'VirtualHost "meet.test"\nauthentication = "token"\napp_secret = "hush"\n',
    "apt/jitsi.list": "deb https://anna:hush@download.jitsi.org stable/\n",
    "original.js": "var config = {};",
}


@pytest.fixture
def read(tmp_path, monkeypatch, capsys):
    """Runs the module for Jitsi; gives its result and everything that it printed."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(jitsi, "_BRIDGE", f"{tmp_path}/jitsi/videobridge")
    monkeypatch.setattr(jitsi, "_MEET", f"{tmp_path}/jitsi/meet")
    monkeypatch.setattr(jitsi, "_ORIGINAL", f"{tmp_path}/original.js")
    monkeypatch.setattr(jitsi, "_PROSODY", (f"{tmp_path}/prosody/*.cfg.lua", f"{tmp_path}/prosody/conf.d/*.cfg.lua"))
    monkeypatch.setattr(jitsi, "_SOURCES", (f"{tmp_path}/apt/*.list",))
    monkeypatch.setattr(jitsi, "_MARKS", (f"{tmp_path}/mark",))
    packages = Packages({"jitsi-meet": "1.0", "bash": "5"})
    monkeypatch.setattr(jitsi, "read_packages", lambda _run: packages)
    monkeypatch.setattr(existing_site_info, "run", lambda _words, _input: (0, json.dumps(ADDRESSES), ""))

    def run():
        with patch_module_args({"jitsi": True}), pytest.raises(SystemExit):
            existing_site_info.main()
        printed = capsys.readouterr().out
        return json.loads(printed), printed

    return run


def test_what_is_known_is_told_and_no_secret(read):
    result, printed = read()
    found = result["jitsi"]
    assert result["changed"] is False
    assert [one["address"] for one in result["interfaces"]] == ["192.168.122.120"]
    assert (found["marks"], found["packages"], found["bridge"]["port"]) == ([], {"jitsi-meet": "1.0"}, 10002)
    (site,) = found["sites"]
    assert (site["name"], site["authentication"]) == ("meet.test", "token")
    assert [change["key"] for change in site["changes"]] == ["resolution", "dropbox.appKey", "p2p.stunServers"]
    assert site["stun"] == {"servers": ["s.test:3478"], "others": 1}
    assert [source["uri"] for source in found["sources"]] == ["https://download.jitsi.org"]
    assert "hush" not in printed


def test_mark_of_this_collection_is_told(read, tmp_path):
    (tmp_path / "mark").mkdir()
    assert read()[0]["jitsi"]["marks"] == [f"{tmp_path}/mark"]


def test_bridge_whose_file_cannot_be_read_says_why(read, tmp_path):
    (tmp_path / "jitsi" / "videobridge" / "sip-communicator.properties").write_text("hush=\\u12")
    result, printed = read()
    assert list(result["jitsi"]["bridge"]["problems"]) == ["sip-communicator.properties"]
    assert "hush" not in printed


def test_config_js_that_cannot_be_read_says_why(read, tmp_path):
    (tmp_path / "jitsi" / "meet" / "meet.test-config.js").write_text("var config = { a: 1 b: 2 ")
    (site,) = read()[0]["jitsi"]["sites"]
    assert site["problem"]
    assert site["changes"] == []


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("# Managed by Ansible: selfhosted.jitsi.reverse_proxy. Changes are lost.\n<VirtualHost *:443>\n", True),
        ("<VirtualHost *:443>\n", False),
        ("# Instead of '# Managed by Ansible: selfhosted.jitsi.reverse_proxy'\n<VirtualHost *:443>\n", False),
    ],
)
def test_vhost_is_ours_where_the_site_playbook_says_so(tmp_path, text, is_ours):
    path = tmp_path / "meet.conf"
    path.write_text(text)
    dump = f"# In file: {path}\n#   2:\n<VirtualHost *:443>\n  ServerName meet.test\n</VirtualHost>\n"
    found = read_proxy(lambda _argv, _stdin: (0, dump, ""))
    assert [(vhost["name"], vhost["ours"]) for vhost in found["vhosts"]] == [("meet.test", is_ours)]
