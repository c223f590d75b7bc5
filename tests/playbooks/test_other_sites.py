# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays that know only some of the sites announce no change of the others, whatever the inventory says of purging."""

from __future__ import annotations

import json

import pytest
from test_wrong_inventory import CHECKOUT

SITES = ("old.example.org", "jitsi.example.org", "jenkins.example.org", "wiki.example.org")
MARK = "# Managed by Ansible: selfhosted.jitsi.reverse_proxy. Changes made here are lost with its next run.\n"
VHOST = "<VirtualHost *:443>\n    ServerName {}\n</VirtualHost>\n"
MAIN = "LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so\nServerName proxy\nErrorLog /tmp/log\n"
APACHECTL = """#!/bin/sh
[ "$1" != configtest ] || set -- -t
exec apache2 -d /etc/apache2 -f apache2.conf "$@"
"""
MODULES = ("alias", "headers", "http2", "proxy", "proxy_http", "ssl")
RENEWAL = "/etc/systemd/system/certbot.service.d/selfhosted.conf"
NOTE = "/var/lib/selfhosted-reverse-proxy"
PROXY = ("--limit=proxy.example.org", "--check", "--diff", "--extra-vars=ansible_become=false")
PLAYS = {
    "rename": ("selfhosted.jitsi.rename", {"rename_from": "old.example.org"}, {"old.example.org"}),
    "uninstall": (
        "selfhosted.jitsi.uninstall",
        {"uninstall": "jitsi.example.org", "uninstall_other_sites": "no"},
        {"jitsi.example.org"},
    ),
    "uninstall with the others": (
        "selfhosted.jitsi.uninstall",
        {"uninstall": "jitsi.example.org", "uninstall_other_sites": "yes"},
        {"jitsi.example.org", "jenkins.example.org"},
    ),
}


def keep_lineage(machine, name):
    """A certificate that certbot keeps for a site of the role's."""
    hook = "[renewalparams]\nrenew_hook = systemctl reload apache2 # selfhosted.jitsi\n"
    machine.write(f"/etc/letsencrypt/renewal/{name}.conf", hook)
    machine.write(f"/etc/letsencrypt/archive/{name}/selfhosted.jitsi", "")
    for file in ("fullchain.pem", "privkey.pem"):
        machine.write(f"/etc/letsencrypt/live/{name}/{file}", "")


@pytest.fixture
def proxy(machine):
    """A proxy with four sites of the role's, of which the inventory lists two, and an authority of somebody's own."""
    machine.run("mkdir", "-p", "/etc/apache2/sites-enabled")
    machine.write("/etc/apache2/apache2.conf", MAIN)
    # Debian's script, without what it reads first.
    machine.write("/usr/local/sbin/apachectl", APACHECTL)
    # It runs, and nothing more is asked of it.
    machine.write("/usr/local/sbin/systemctl", "#!/bin/sh\necho ActiveState=inactive\n")
    machine.write("/etc/init.d/apache2", "#!/bin/sh\nexit 0\n")
    machine.run("chmod", "755", "/usr/local/sbin/apachectl", "/usr/local/sbin/systemctl", "/etc/init.d/apache2")
    for name in MODULES:
        machine.write(f"/etc/apache2/mods-available/{name}.load", "")
    for name in SITES:
        machine.write(f"/etc/apache2/sites-available/{name}.conf", MARK + VHOST.format(name))
        machine.run("ln", "-s", f"../sites-available/{name}.conf", f"/etc/apache2/sites-enabled/{name}.conf")
    machine.write(RENEWAL, "[Service]\n")
    keep_lineage(machine, "wiki.example.org")
    return machine


@pytest.mark.parametrize("case", PLAYS)
def test_only_the_named_sites_go(proxy, case):
    playbook, variables, gone = PLAYS[case]
    # Certbot's certificate of a site is forgotten with it.
    keep_lineage(proxy, "old.example.org")
    said = json.dumps({**variables, "reverse_proxy_purge": True})
    code, output = proxy.ansible(f"--inventory={CHECKOUT}/inventory/example", *PROXY, "-e", said, playbook)
    assert code == 0, output
    for name in SITES:
        announced = f"/etc/apache2/sites-available/{name}.conf" in output
        assert announced == (name in gone), output
    assert RENEWAL not in output, output
    assert ("kept by certbot: old.example.org" in output) == ("old.example.org" in gone), output
    # A reload would start an Apache that somebody has stopped.
    assert "Reload Apache" not in output, output


def test_certificate_that_another_site_names_is_not_forgotten(proxy):
    """It is certbot's, fetched for the name that goes."""
    live = "/etc/letsencrypt/live/old.example.org"
    keep_lineage(proxy, "old.example.org")
    other = {
        "name": "wiki.example.org",
        "backend": "http://192.168.122.9/",
        "certificate": "provided",
        "certificate_file": f"{live}/fullchain.pem",
        "certificate_key_file": f"{live}/privkey.pem",
    }
    said = json.dumps({"rename_from": "old.example.org", "reverse_proxy_sites": [other]})
    inventory = f"--inventory={CHECKOUT}/inventory/example"
    code, output = proxy.ansible(inventory, *PROXY, "-e", said, "selfhosted.jitsi.rename")
    assert code == 0, output
    assert "kept by certbot: old.example.org" not in output, output


def test_last_site_takes_along_what_only_the_role_needs(proxy):
    """The trust of renewals, once no certificate is left, and the note that lets the role restart Apache.

    That stays where participants still come: a rename goes on with the site under its new name.
    """
    proxy.write(f"{NOTE}/installed-apache", "")
    for names, participants, going in ((SITES[:3], 0, ()), (SITES, 50, (RENEWAL,)), (SITES, 0, (RENEWAL, NOTE))):
        values = {"reverse_proxy_absent_names": names, "reverse_proxy_participants": participants}
        said = json.dumps({**values, "reverse_proxy_sites": []})
        include = {"name": "selfhosted.jitsi.reverse_proxy", "tasks_from": "absent"}
        task = {"name": "Remove", "ansible.builtin.include_role": include}
        code, output = proxy.play([task], "--check", "--diff", "-e", said)
        assert code == 0, output
        for path in (RENEWAL, NOTE):
            assert (path in output) == (path in going), output
