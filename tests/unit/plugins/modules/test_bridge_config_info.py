"""The module, asked about files that exist."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import bridge_config_info


def run(capsys, folder, **more):
    """Run main(); return its result and everything that it printed."""
    arguments = {"folder": str(folder), "local_address": "192.0.2.1", "public_addresses": ["198.51.100.1"], **more}
    with patch_module_args(arguments), pytest.raises(SystemExit):
        bridge_config_info.main()
    printed = capsys.readouterr().out
    return json.loads(printed), printed


def test_nothing_is_read_where_nothing_is(capsys, tmp_path):
    result, _printed = run(capsys, tmp_path)
    assert (result["reads"], result["findings"], result["changed"]) == ([], [], False)


def test_mappings_are_told_and_secrets_are_not(capsys, tmp_path):
    tmp_path.joinpath("jvb.conf").write_text(
        'a.PASSWORD = "hush"\nice4j.harvest.mapping.static-mappings = '
        '[{local-address = "192.0.2.1", public-address = "198.51.100.1"}]'
    )
    tmp_path.joinpath("config").write_text("JVB_SECRET=hush")
    result, printed = run(capsys, tmp_path)
    assert result["mappings"] == ["192.0.2.1 -> 198.51.100.1"]
    assert "hush" not in printed


def test_bytes_that_are_no_text_do_no_harm(capsys, tmp_path):
    tmp_path.joinpath("sip-communicator.properties").write_bytes(
        b"org.ice4j.ice.harvest.STUN_MAPPING_HARVESTER_ADDRESSES=\xff.example:1\n"
    )
    assert run(capsys, tmp_path)[0]["stun"] == ["\ufffd.example:1"]


def test_settings_that_shall_be_absent_are_not_compared(capsys, tmp_path):
    tmp_path.joinpath("sip-communicator.properties").write_text("org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT=1\n")
    tmp_path.joinpath("jvb.conf").write_text("")
    setting = {"key": "videobridge.ice.udp.port", "value": 2}
    assert len(run(capsys, tmp_path, settings=[setting])[0]["superseded"]) == 1
    assert run(capsys, tmp_path, settings=[{**setting, "state": "absent"}])[0]["superseded"] == []
