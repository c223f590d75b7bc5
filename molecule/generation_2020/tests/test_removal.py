"""The site gets another name, goes without a trace and is restored; the tests of all scenarios then look at it."""

from __future__ import annotations

import json

import pytest
from machines import PROXY_CERTIFICATES, eventually
from site_runs import changed, site
from xmpp import log_in

# Among them Java's own store of authorities, /etc/ssl/certs/java.
FOLDERS = "/etc/jitsi /etc/prosody /etc/nginx /etc/ssl /usr/local/share/ca-certificates /var/lib/prosody"
ARCHIVES = "/var/backups/jitsi-meet"
BACKUP = {"backup_password": "only for the backups of the lab"}
#: What people made, and no inventory says.
ACCOUNT, PASSWORD = "anna@auth.jitsi.test", "what only anna knows"
REGISTER = f"prosodyctl register anna auth.jitsi.test '{PASSWORD}'"
OF_SITE = "/var/lib/prosody/jitsi%2etest/accounts"
BY_HAND = "// written by hand"
BACKEND = "sha256sum /etc/jitsi/meet/jitsi.test.crt /etc/prosody/certs/auth.jitsi.test.crt"


def run(playbook, *options, **variables):
    """Run a playbook of the collection with these variables."""
    return site(
        *options, "--extra-vars", json.dumps(variables), playbook=f"selfhosted.jitsi.{playbook}", generation="2020"
    )


def archived(jitsi):
    return jitsi.check_output(f"ls {ARCHIVES} 2> /dev/null || true").split()


@pytest.fixture(scope="module")
def backup(jitsi, proxy, tmp_path_factory):
    """The folder of a backup of the site, and what it must bring back."""
    jitsi.run_expect([0], f"{REGISTER} && echo '{BY_HAND}' >> /etc/jitsi/meet/jitsi.test-config.js")
    before = {
        "trusted": proxy.check_output(PROXY_CERTIFICATES),
        "backend": jitsi.check_output(BACKEND),
        "release": jitsi.package("jitsi-meet").version,
    }
    folder = tmp_path_factory.mktemp("backups")
    code, said = run("backup", backup_folder=str(folder), **BACKUP)
    assert code == 0, said
    (made,) = (folder / "jitsi.test").iterdir()
    return made, before


def test_backup_changes_nothing_that_prosody_and_the_site_need(backup, jitsi):
    assert {path.name for path in backup[0].iterdir()} == {"jitsi.vault", "proxy.vault"}
    assert log_in(jitsi, ACCOUNT, PASSWORD) == ""
    code, said = run("restore", restore="jitsi.test", restore_from=str(backup[0]), **BACKUP)
    assert code != 0
    assert "jitsi-lab-jitsi has jitsi.test already" in said
    assert log_in(jitsi, ACCOUNT, PASSWORD) == ""


def test_rename_refuses_a_name_that_is_not_installed(jitsi):
    code, said = run("rename", jitsi_meet_fqdn="meet.test", rename_from="elsewhere.test")
    assert code != 0
    assert "is not installed on jitsi-lab-jitsi, which has /etc/jitsi/meet/jitsi.test-config.js" in said
    assert jitsi.service("jitsi-videobridge2").is_running


def test_rename_can_be_checked(jitsi):
    code, said = run("rename", "--check", jitsi_meet_fqdn="meet.test", rename_from="jitsi.test")
    assert code == 0, said
    assert "Check mode ends here. A real run continues with selfhosted.jitsi.site" in said
    assert jitsi.service("jitsi-videobridge2").is_running
    assert archived(jitsi) == []


@pytest.fixture(scope="module")
def new_name(tmp_path_factory):
    """The words by which the inventory has the new name, as people write it there: -e would be the old one's, too."""
    folder = tmp_path_factory.mktemp("inventory")
    (folder / "group_vars").mkdir()
    (folder / "group_vars" / "all.yml").write_text("jitsi_meet_fqdn: meet.test\n")
    (folder / "hosts.yml").write_text("all: {}\n")
    return ["--inventory", str(folder)]


def test_site_gets_another_name(new_name, internet, jitsi, proxy):
    """Also where a run was cut off behind the removal of the packages."""
    # As prosody keeps it where people log in to the site itself. An installation to come would know the password.
    jitsi.run_expect([0], f"install -d -o prosody {OF_SITE} && echo 'return {{}};' > {OF_SITE}/anna.dat")
    rename = {"rename_from": "jitsi.test", "reverse_proxy_purge": True}
    jitsi.run_expect([0], f"mount --bind {OF_SITE} {OF_SITE}")
    try:
        code, said = run("rename", *new_name, **rename)
    finally:
        jitsi.run_expect([0], f"umount {OF_SITE}")
    assert code != 0
    assert "Device or resource busy" in said, said
    assert not jitsi.package("jitsi-meet-prosody").is_installed
    code, said = run("rename", *new_name, **rename)
    assert code == 0, said
    assert jitsi.run(f"grep -rl jitsi\\\\.test {FOLDERS}").stdout == ""
    assert jitsi.run("ls /var/lib/prosody | grep jitsi%2etest").stdout == ""
    assert proxy.run("ls /etc/apache2/sites-enabled /etc/ssl/selfhosted | grep jitsi.test").stdout == ""
    internet.trust(proxy.check_output(PROXY_CERTIFICATES))
    answer = internet.curl("https://meet.test/config.js")
    assert answer.status == 200
    assert 'config.p2p.stunServers = [{"urls": "stun:meet-jit-si-turnrelay.jitsi.net:443"}];' in answer.body
    # Of the packages, and of what the first run left.
    assert len(archived(jitsi)) == 2
    code, said = run("rename", *new_name, **rename)
    assert (code, changed(said)) == (0, False), said
    assert len(archived(jitsi)) == 2


def test_uninstall_asks_for_the_name(jitsi):
    for variables in ({}, {"uninstall": "jitsi.test"}):
        code, said = run("uninstall", jitsi_meet_fqdn="meet.test", **variables)
        assert code != 0
        assert "pass its name with -e uninstall=meet.test" in said
    assert jitsi.service("jitsi-videobridge2").is_running


def test_uninstall_leaves_nothing_of_ours_and_all_that_is_others(internet, jitsi, nat_host, proxy):
    """Somebody has removed the packages before, which leaves what was configured."""
    remove = "apt-get --quiet=2 --assume-yes --allow-change-held-packages remove"
    jitsi.run_expect([0], f"DEBIAN_FRONTEND=noninteractive {remove} 'jitsi-*' jicofo")
    before = len(archived(jitsi))
    code, said = run("uninstall", jitsi_meet_fqdn="meet.test", uninstall="meet.test", reverse_proxy_purge=True)
    assert code == 0, said
    packages = jitsi.check_output("dpkg-query --show --showformat '${Package} ${db:Status-Abbrev}\\n'")
    left = [line for line in packages.splitlines() if line.startswith(("jitsi", "jicofo"))]
    assert left == []
    assert jitsi.check_output("dpkg --get-selections | grep -E 'jitsi|jicofo|hold' || true") == ""
    assert jitsi.run(f"grep -rl -e meet\\\\.test -e selfhosted {FOLDERS} /etc/apt").stdout == ""
    assert jitsi.run("debconf-get-selections 2> /dev/null | grep meet.test").stdout == ""
    assert jitsi.run("grep -l meet.test /var/cache/debconf/config.dat").stdout == ""
    for service in ("nginx", "prosody"):
        assert jitsi.service(service).is_running
    assert jitsi.run("ls /var/lib/prosody | grep -F -e meet.test -e meet%2etest").stdout == ""
    assert proxy.run("grep -rl meet.test /etc/apache2 /etc/ssl/selfhosted").stdout == ""
    assert internet.curl("https://other.test/").status == 200
    rules = nat_host.check_output("iptables-save")
    assert "192.168.122.120" not in rules
    assert "--to-destination 192.168.122.100" in rules
    assert len(archived(jitsi)) == before + 1
    assert jitsi.run(f"runuser -u nobody -- ls {ARCHIVES}").rc != 0
    newest = sorted(archived(jitsi))[-1]
    assert "etc/jitsi/meet/meet.test-config.js" in jitsi.check_output(f"tar --list --file {ARCHIVES}/{newest}")
    code, said = run("uninstall", jitsi_meet_fqdn="meet.test", uninstall="meet.test", reverse_proxy_purge=True)
    assert (code, changed(said)) == (0, False), said


def test_uninstall_without_other_sites_leaves_no_forward(nat_host, proxy):
    """The proxy still has the role's site of other.test, which might be another inventory's: so its forwards stay.

    A run for the host alone asks the inventory alone.
    """
    alone = {"uninstall": "meet.test", "reverse_proxy_sites": []}
    code, said = run("uninstall", jitsi_meet_fqdn="meet.test", **alone)
    assert code == 0, said
    assert "--dport 443" in nat_host.check_output("iptables-save")
    code, said = run("uninstall", "--limit=jitsi-lab-host", jitsi_meet_fqdn="meet.test", **alone)
    assert code == 0, said
    assert "PF-" not in nat_host.check_output("iptables-save")
    assert proxy.service("apache2").is_running


def test_site_comes_back_with_what_people_made(backup, internet, jitsi, proxy):
    """Browsers and the proxy see the certificates that they knew, and accounts have their passwords."""
    folder, before = backup
    known = {"restore": "jitsi.test", "restore_from": str(folder), "jitsi_meet_version": before["release"]}
    code, said = run("restore", **known, **BACKUP)
    assert code == 0, said
    assert PASSWORD not in said
    assert log_in(jitsi, ACCOUNT, PASSWORD) == ""
    assert "failed_all_auth" in log_in(jitsi, ACCOUNT, "another one")
    assert jitsi.check_output(BACKEND) == before["backend"]
    for place in (jitsi, proxy):
        assert place.run("ls /var/lib | grep selfhosted-jitsi-restore").stdout == ""
    internet.trust(before["trusted"])
    assert eventually(lambda: BY_HAND in internet.curl("https://jitsi.test/config.js").body)
    assert "jicofo" in jitsi.check_output("apt-mark showhold")
    code, said = run("site")
    assert (code, changed(said)) == (0, False), said
    internet.trust(proxy.check_output(PROXY_CERTIFICATES))
    assert eventually(lambda: internet.curl("https://jitsi.test/config.js").status == 200)
