"""The module, on a prosody that keeps its accounts elsewhere than in its files."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import prosody_accounts


def run(capsys, tmp_path, *accounts):
    arguments = {"host": "a.test", "accounts": accounts, "data_path": str(tmp_path), "prosody_folder": str(tmp_path)}
    with patch_module_args({**arguments, "_ansible_check_mode": True}), pytest.raises(SystemExit):
        prosody_accounts.main()
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("storage", ['storage = "sql"', 'storage = { accounts = "sql" }'])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_account_that_no_file_tells_of_is_not_guessed(capsys, tmp_path, storage, state):
    gone = {"name": "mallory", "state": state, "password": "never shown"}
    (tmp_path / "prosody.cfg.lua").write_text(f"-- storage = {{}}\n{storage}\n")
    result = run(capsys, tmp_path, gone)
    assert "has the accounts mallory: prosody's option storage keeps accounts outside of" in result["msg"]
    assert "never shown" not in json.dumps(result)
    (tmp_path / "prosody.cfg.lua").write_text('storage = "internal"\n')
    result = run(capsys, tmp_path, gone)
    assert (result["created"], result["removed"]) == (["mallory"] if state == "present" else [], [])


def test_storage_of_another_host_is_its_own(capsys, tmp_path):
    text = 'VirtualHost "a.test"\nVirtualHost "chat.test"\n  storage = "sql"\n'
    (tmp_path / "prosody.cfg.lua").write_text(text)
    assert run(capsys, tmp_path, {"name": "ada", "password": "x"})["created"] == ["ada"]
    (tmp_path / "prosody.cfg.lua").write_text(text.replace("chat.test", "A.test"))
    assert run(capsys, tmp_path, {"name": "ada", "password": "x"})["failed"]
