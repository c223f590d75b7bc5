# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user sees of a run with secrets: that something changed, and nowhere to what."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
# No random name of a temporary file holds any of them.
NEW, OLD, SHORT = "n%w'hidden\\value", "old-hidden-value", "q%"
FILES = {
    "java_properties": f"x.PASSWORD={OLD}\nx.nick={OLD}\n#x.nick={OLD}\nshown=visible\n",
    "hocon": f'x {{ PASSWORD="{OLD}"\n nick = {OLD} }} # nick = {OLD}\nshown = visible\n',
    "config_js": f"var config = {{ x: {{ password: '{OLD}', nick: '{OLD}' }}, shown: 'visible' }};\n// nick: '{OLD}'\n",
}
#: A validator that says all, an option and a state that do not exist, a key twice, and a file that is none.
WRONG = [
    {"validate": 'sh -c \'cat "$1"; cat "$1" >&2; exit 3\' sh %s'},
    {"bogus": True},
    {"settings": [{"key": "x.PASSWORD", "value": "{{ new }}", "state": "bogus"}]},
    {"settings": [{"key": "x.nick", "value": "{{ new }}", "secret": True}] * 2},
    {"path": "/"},
]
SETTINGS = [
    {"key": "x.PASSWORD", "value": "{{ new }}"},
    {"key": "x.nick", "value": "{{ new }}", "secret": True},
    {"key": "y.TOKEN", "value": "{{ short }}"},
    {"key": "z", "value": "{{ short }}", "secret": True},
    {"key": "acc.PASS", "value": "{{ new }}"},
    {"key": "servers", "value": "[{credential: '{{ new }}'}]"},
    {"key": "shown", "value": "seen"},
]


@pytest.fixture
def seen(play_here, tmp_path):
    """Plays editors with secrets from a file of variables, each task with an editor, a file and further options.

    Gives the exit code and all that anybody can see.
    """

    def run(*calls, **settings):
        secrets = tmp_path / "secrets.yml"
        secrets.write_text(yaml.safe_dump({"new": NEW, "short": SHORT}))
        log = tmp_path / "ansible.log"
        log.unlink(missing_ok=True)
        tasks = [
            {
                "name": "Set secrets",
                f"selfhosted.jitsi.{editor}": {"path": str(target), "settings": SETTINGS, **more},
                "ignore_errors": bool(more),
            }
            for editor, target, more in calls
        ]
        options = ("-vvv", "--diff", f"--extra-vars=@{secrets}")
        done = play_here(tasks, *options, **settings, ANSIBLE_LOG_PATH=str(log))
        return done.returncode, "\n".join((done.stdout, done.stderr, log.read_text()))

    return run


def assert_hidden(said):
    assert "Set secrets" in said
    for secret in ("n%w", "hidden", OLD, SHORT):
        assert secret not in said, said


@pytest.mark.parametrize("editor", FILES)
def test_a_run_shows_that_secrets_changed_and_not_to_what(seen, tmp_path, editor):
    target = tmp_path / "target"
    target.write_text(FILES[editor])
    # Twice, one after the other.
    code, said = seen((editor, target, {}), hosts=("first", "again"))
    assert code == 0, said
    assert_hidden(said)
    assert re.search(r"^first +: .*changed=1 ", said, re.MULTILINE), said
    assert any(line.startswith("+") and "********" in line for line in said.splitlines()), said
    assert "seen" in said
    written = target.read_text()
    # Escaped or not, all new values stand in the file.
    assert written.count("n%w") == 4
    assert written.count(SHORT) == 2
    assert re.search(r"^again +: .*changed=0 ", said, re.MULTILINE), said


def test_runs_that_fail_show_no_secret(seen, tmp_path):
    targets = {editor: tmp_path / editor for editor in FILES}
    for editor, target in targets.items():
        target.write_text(FILES[editor])
    code, said = seen(*((editor, target, more) for editor, target in targets.items() for more in WRONG))
    assert code == 0, said
    assert f"ignored={len(WRONG) * len(FILES)}" in said
    assert_hidden(said)
    assert {editor: target.read_text() for editor, target in targets.items()} == FILES


def test_the_role_takes_marked_settings_and_shows_no_secret(tmp_path):
    variables = tmp_path / "variables.yml"
    setting = {"key": "x.nick", "value": NEW, "secret": True}
    names = ("jitsi_meet_properties", "jitsi_meet_hocon", "jitsi_meet_config_js")
    variables.write_text(yaml.safe_dump({name: [setting] for name in names}))
    log = tmp_path / "ansible.log"
    command = ["ansible-playbook", "-vvv", f"--inventory={CHECKOUT}/inventory/example", f"--extra-vars=@{variables}"]
    done = subprocess.run(
        [*command, "selfhosted.jitsi.preflight"],
        env={**os.environ, "ANSIBLE_LOG_PATH": str(log)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = "\n".join((done.stdout, done.stderr, log.read_text()))
    assert done.returncode == 0, said
    assert "n%w" not in said, said
