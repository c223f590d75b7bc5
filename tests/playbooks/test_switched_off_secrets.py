# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user sees of the runs that put secrets into files of the role, and of those that take them out again.

The plays change /etc as it is seen in a mount namespace of their own.
"""

from __future__ import annotations

import subprocess

import pytest

#: /etc over the machine's own one, kept in memory, and gone with the process.
OWN_ETC = (
    "mount -t tmpfs tmpfs {folder} && mkdir {folder}/up {folder}/work && "
    "mount -t overlay overlay -o lowerdir=/etc,upperdir={folder}/up,workdir={folder}/work /etc && "
    "mkdir -p /etc/prosody/conf.d /etc/jitsi/meet /etc/jitsi/jicofo && "
    "echo 'jicofo {{}}' > /etc/jitsi/jicofo/jicofo.conf && "
    "echo 'prosody:x:64999:' >> /etc/group && echo 'turnserver:x:64998:' >> /etc/group && "
    "echo 'var config = {{}};' > /etc/jitsi/meet/meet.example.org-config.js && "
    "echo 'sql = {{ password = \"database-hidden\" }}' > /etc/prosody/prosody.cfg.lua && "
    'echo "Component \\"conference.meet.example.org\\" \\"muc\\"" > /etc/prosody/conf.d/own.cfg.lua && '
    'echo "  modules_enabled = {{ \\"muc-hide\\"; \\"token_verification\\" }}" >> /etc/prosody/conf.d/own.cfg.lua && '
    'echo "modules_enabled = {{ \\"token_verification\\" }}" > /etc/prosody/conf.d/elsewhere.cfg.lua && '
    'exec "$@"'
)
SECRETS = ("database-hidden", "jwt-hidden", "turn-hidden")
BASE = {
    "jitsi_meet_fqdn": "meet.example.org",
    "jitsi_meet_local_address": "192.168.122.120",
    "jitsi_meet_public_addresses": ["198.51.100.10"],
    "jitsi_meet_coturn_secret": "turn-hidden",
    "jitsi_meet_jwt_app_id": "portal",
    "jitsi_meet_jwt_app_secret": "jwt-hidden",
    "jitsi_meet_jwt_package": "",
}
#: The variables of runs that follow one another: each takes a secret out of a file that the one before has written.
RUNS = [
    {"jitsi_meet_authentication": "jwt", "jitsi_meet_coturn": True},
    {"jitsi_meet_authentication": "internal", "jitsi_meet_coturn": True},
    {"jitsi_meet_authentication": "internal", "jitsi_meet_coturn": False},
    {"jitsi_meet_authentication": "none", "jitsi_meet_coturn": False},
]


def run_with(variables):
    """The tasks of one run that write files of prosody's."""
    is_asked = variables["jitsi_meet_authentication"] != "none"
    kinds = ["files", "clients", "authentication_present" if is_asked else "authentication_absent"]
    return [
        {
            "name": f"Run {kind}",
            "ansible.builtin.include_role": {
                "name": "selfhosted.jitsi.jitsi_meet",
                "tasks_from": kind,
                "rolespec_validate": False,
            },
            "vars": {**BASE, **variables},
        }
        for kind in kinds
    ]


@pytest.fixture
def own_etc(tmp_path):
    """The words before a command that gives it an /etc of its own."""
    (tmp_path / "etc").mkdir()
    words = ["unshare", "--mount", "sh", "-c", OWN_ETC.format(folder=tmp_path / "etc"), "sh"]
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace can be made here: run the tests as root")
    return words


def test_secrets_that_leave_files_are_not_shown(play_here, own_etc):
    written = {"name": "Count what is written", "ansible.builtin.command": "grep -rlE 'jwt-|turn-' /etc/prosody"}
    # Handlers would restart a prosody that is not here.
    tasks = [*run_with(RUNS[0]), written, *(task for run in RUNS[1:] for task in run_with(run))]
    done = play_here([*tasks, {"name": "End", "ansible.builtin.meta": "end_host"}], "-vvv", "--diff", prefix=own_etc)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    # Both files had secrets, which were taken out.
    assert "/etc/prosody/selfhosted-jitsi-authentication.cfg.lua" in said.split("Count what is written")[1], said
    assert [secret for secret in SECRETS if secret in said] == [], said


def test_rooms_that_verify_no_tokens_end_the_run(play_here, own_etc):
    """Also without the package that has them do it: a token for one room would open all."""
    comment = "sed -i 's/^  modules/-- modules/' /etc/prosody/conf.d/own.cfg.lua"
    tasks = [{"name": "Forget it", "ansible.builtin.command": comment}, *run_with(RUNS[0])]
    done = play_here(tasks, prefix=own_etc)
    assert done.returncode != 0
    assert "do not verify tokens, so a token for one room opens all rooms" in done.stdout, done.stdout
