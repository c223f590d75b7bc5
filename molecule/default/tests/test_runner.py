"""The site as ansible-navigator and AWX run it: ansible-runner, a credential in ssh's agent, sudo with a password.

Its user is not root, as in a container, and the machines execute nothing below /tmp.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import secrets
import shutil
import subprocess

import pytest
from machines import STATE, machine
from site_runs import TREE

MACHINES = ("internet", "host", "proxy", "jitsi")
#: A project's playbook, as the guide has it.
PLAYBOOK = re.compile(r"^```yaml\n(- name: [^`]*import_playbook: selfhosted\.jitsi\.)site\n```$", re.MULTILINE)
OPERATOR = """
useradd --create-home --groups sudo --shell /bin/bash awx
chpasswd
install -D -o awx -m 600 ~admin/.ssh/authorized_keys ~awx/.ssh/authorized_keys
chown awx ~awx/.ssh
mount --bind /tmp /tmp
mount -o remount,bind,noexec /tmp
"""
NO_OPERATOR = """
umount --lazy /tmp
while pkill -KILL -u awx; do sleep 0.1; done
userdel --remove awx 2> /dev/null
"""
#: What Jitsi's programs and their clients tell each other, on the Jitsi machine.
SECRETS = r"""
grep -Pho '(password|secret)\s*[:=]\s*"?\K[^"\s;]{8,}' \
    /etc/jitsi/jicofo/jicofo.conf /etc/jitsi/videobridge/jvb.conf /etc/prosody/conf.d/*.cfg.lua | sort -u
"""


@pytest.fixture(scope="module")
def operator():
    """An account on each machine that has to tell sudo its password, and a /tmp that executes nothing."""
    password = secrets.token_hex(16)
    places = [machine(name) for name in MACHINES]
    try:
        for place in places:
            place.run_expect([0], f"echo awx:{password} | (set -e\n{OPERATOR})")
        yield password
    finally:
        for place in places:
            place.run_expect([0], NO_OPERATOR)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, operator):
    """A private data folder of ansible-runner: a project, an inventory and two credentials."""
    folder = tmp_path_factory.mktemp("runner")
    for name in ("env", "inventory", "project"):
        (folder / name).mkdir()
    shutil.copy(TREE / "inventory" / "lab" / "hosts.yml", folder / "inventory")
    shutil.copytree(TREE / "inventory" / "lab" / "group_vars", folder / "inventory" / "group_vars")
    lines = [line for line in (STATE / "ssh_config").read_text().splitlines() if "Identit" not in line]
    config = "\n".join(lines).replace("User admin", "User awx").replace(str(STATE / "ssh_config"), f"{folder}/ssh")
    (folder / "ssh").write_text(config)
    (folder / "env" / "extravars").write_text(
        json.dumps({"ansible_ssh_common_args": f"-F {folder}/ssh", "ansible_ssh_pipelining": False})
    )
    # The strategy of an ansible.cfg in which no machine waits for another.
    (folder / "env" / "envvars").write_text(json.dumps({"ANSIBLE_STRATEGY": "free"}))
    (folder / "env" / "cmdline").write_text("--ask-become-pass")
    (folder / "env" / "passwords").write_text(json.dumps({r"^BECOME password.*:\s*?$": operator}))
    (folder / "env" / "ssh_key").write_text((STATE / "id_ed25519").read_text())
    (playbook,) = PLAYBOOK.findall((TREE / "docs" / "guides" / "execution_environment.md").read_text(encoding="utf-8"))
    for name in ("site", "check"):
        (folder / "project" / f"{name}.yml").write_text(f"{playbook}{name}\n")
    return folder


def run(folder, name):
    """Run a playbook of the project; return its exit code, its events, and all that was kept of it."""
    kept = ("PATH", "ANSIBLE_COLLECTIONS_PATH", "JITSI_LAB_STATE", "JITSI_LAB_GENERATION", "LANG")
    # ssh wants a name for its user, and each Debian has this one.
    as_a_container = ["unshare", "--user", f"--map-user={pwd.getpwnam('daemon').pw_uid}", "--map-group=0"]
    done = subprocess.run(
        [*as_a_container, "ansible-runner", "run", folder, "--playbook", f"{name}.yml", "--ident", name, "--quiet"],
        env={"HOME": str(folder), **{key: os.environ[key] for key in kept if key in os.environ}},
        capture_output=True,
        text=True,
        check=False,
    )
    files = sorted(folder.joinpath("artifacts", name).rglob("*"))
    texts = {path: path.read_text() for path in files if path.is_file()}
    events = [json.loads(text) for path, text in texts.items() if path.parent.name == "job_events"]
    return done.returncode, events, "\n".join([done.stdout, done.stderr, *texts.values()])


def result(events):
    """What became of each machine."""
    (stats,) = [event["event_data"] for event in events if event["event"] == "playbook_on_stats"]
    return {name: stats[name] for name in ("changed", "dark", "failures")}


def test_site_has_nothing_to_do_and_the_check_passes(folder, jitsi, operator):
    hidden = [operator, *jitsi.check_output(SECRETS).split()]
    assert len(hidden) > 3
    for name in ("site", "check"):
        code, events, kept = run(folder, name)
        assert code == 0, kept[-4000:]
        assert result(events) == {"changed": {}, "dark": {}, "failures": {}}
        assert not [secret for secret in hidden if secret in kept]
    assert "checks passed" in kept
