# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""prosody_service_accounts tells prosodyctl the passwords of the services' files, and nobody else."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import prosody_service_accounts

DOMAIN = "auth.jitsi.test"
JICOFO = 'jicofo { xmpp { client { domain: "auth.jitsi.test", username: "focus", password: "f-secret" } } }'
BRIDGE = """videobridge.apis.xmpp-client.configs.shard {
  HOSTNAME = localhost, DOMAIN = "auth.jitsi.test", USERNAME = jvb, PASSWORD = "j-secret"
  MUC_JIDS = "a@internal.auth.jitsi.test", MUC_NICKNAME = b
}"""


@pytest.fixture
def machine(tmp_path):
    """A machine whose bridge has the right account, and jicofo another one."""
    files = {
        "jicofo/jicofo.conf": JICOFO,
        "bridge/jvb.conf": BRIDGE,
        "prosody/conf.d/a.cfg.lua": "",
        "prosody/conf.d/a.cfg.lua.old": 'storage = "sql"',
        "data/auth%2ejitsi%2etest/accounts/focus.dat": 'return { ["password"] = "other" };',
        "data/auth%2ejitsi%2etest/accounts/jvb.dat": 'return { ["password"] = "j-secret" };',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def asked(monkeypatch):
    """What prosodyctl was asked and told."""
    calls = []

    def run(argv, stdin=""):
        calls.append((argv, stdin))
        return 0, "", ""

    monkeypatch.setattr(prosody_service_accounts, "run", run)
    return calls


def answer(capsys, machine, **more):
    folders = {"jicofo_folder": "jicofo", "bridge_folder": "bridge", "prosody_folder": "prosody", "data_path": "data"}
    options = {"domain": DOMAIN, **{option: str(machine / name) for option, name in folders.items()}, **more}
    with patch_module_args(options), pytest.raises(SystemExit):
        prosody_service_accounts.main()
    text = capsys.readouterr().out
    assert "secret" not in text
    return json.loads(text)


def test_wrong_password_is_corrected(capsys, machine, asked):
    result = answer(capsys, machine, _ansible_diff=True)
    assert (result["changed"], result["services"]) == (True, ["jicofo"])
    assert result["diff"] == {"before": "focus: a password\n", "after": "focus: another password\n"}
    assert asked == [(["prosodyctl", "passwd", f"focus@{DOMAIN}"], "f-secret\nf-secret\n")]


def test_missing_account_is_created(capsys, machine, asked):
    (machine / "data/auth%2ejitsi%2etest/accounts/jvb.dat").unlink()
    assert answer(capsys, machine)["services"] == ["jicofo", "jitsi-videobridge2"]
    assert [argv[1] for argv, _stdin in asked] == ["adduser", "passwd"]


def test_missing_account_of_a_database_is_left_alone(capsys, machine, asked):
    (machine / "data/auth%2ejitsi%2etest/accounts/jvb.dat").unlink()
    (machine / "prosody/conf.d/a.cfg.lua").write_text('storage = "sql"')
    assert answer(capsys, machine)["services"] == ["jicofo"]


def test_check_mode_asks_nobody(capsys, machine, asked):
    result = answer(capsys, machine, _ansible_check_mode=True)
    assert result["findings"] == [f"the account focus@{DOMAIN} has another password than the files of jicofo"]
    assert (result["changed"], asked) == (True, [])


def test_machine_without_services_needs_nothing(capsys, tmp_path, asked):
    result = answer(capsys, tmp_path)
    assert (result["changed"], result["services"], result["findings"], asked) == (False, [], [], [])
