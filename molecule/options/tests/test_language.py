"""All runs of this scenario are on machines that speak German; what roles read of programs they read in English."""

from __future__ import annotations


def test_machines_speak_german(nat_host, proxy, jitsi):
    for machine in (nat_host, proxy, jitsi):
        assert "werden gelesen" in machine.run("apt-get --simulate install no-such-package").stdout
        # What Ansible's own tasks get, in whose place a login that is no terminal stands.
        assert machine.check_output("sh -c 'echo $LANG'") == "de_DE.UTF-8"
    assert "LANG=de_DE.UTF-8" in jitsi.check_output("systemctl show --property Environment --value")
