# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run makes of a machine whose Debian was upgraded since the last one."""

from __future__ import annotations

from throwaway import JITSI

TRIXIE = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nID=debian\n'


def test_repository_of_prosody_is_that_of_the_release_that_runs_now(machine):
    """Whatever a cache of facts kept from before the upgrade."""
    machine.write("/etc/os-release", TRIXIE)
    role = {"name": "selfhosted.jitsi.jitsi_meet", "tasks_from": "machine", "public": True}
    tasks = [
        {"name": "Cache", "ansible.builtin.set_fact": {"distribution_release": "bookworm", "cacheable": True}},
        {"name": "Read the machine", "ansible.builtin.include_role": role},
        {"name": "Show", "ansible.builtin.debug": {"msg": "it is {{ __jitsi_meet_prosody_source.suite }} now"}},
    ]
    code, said = machine.play(tasks, variables=JITSI)
    assert code == 0, said
    assert "it is trixie now" in said
