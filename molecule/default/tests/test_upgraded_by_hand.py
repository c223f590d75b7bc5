"""Packages that somebody upgrades, or purges and installs again, without this collection. In this order."""

from __future__ import annotations

import pytest
from check_runs import failed_rows
from machines import eventually
from site_runs import changed, site
from xmpp import external_services

pytestmark = pytest.mark.either_release

MAPPING = "Adding a static mapping: StaticMapping(localAddress=192.168.122.120, publicAddress=198.51.100.10"
APT = "DEBIAN_FRONTEND=noninteractive apt-get --assume-yes"
# The lab's repository with a later release than the site was installed from.
LATER = "sed -i 's,packages.test/current,packages.test/later,' /etc/apt/sources.list.d/*.sources"
FILES = (
    "/etc/jitsi/videobridge/jvb.conf /etc/jitsi/meet/jitsi.test-config.js /etc/prosody/conf.d/selfhosted-jitsi.cfg.lua"
)


def run(*options):
    code, said = site(*options, generation="later")
    assert code == 0, said
    return said


def last_start(jitsi):
    """The bridge's log since it was started last."""
    return jitsi.check_output("cat /var/log/jitsi/jvb.log").rpartition("Starting jitsi-videobridge")[2]


def started(jitsi, service):
    return jitsi.check_output(f"systemctl show --property ActiveEnterTimestampMonotonic --value {service}")


def require_all_as_asked(jitsi, internet):
    """What the bridge read when it was started last, what clients are told, and that they reach prosody."""
    # Where its package has restarted it, it may still be reading.
    assert eventually(lambda: "stunDiscoveryFailed=false" in last_start(jitsi) and MAPPING in last_start(jitsi))
    assert last_start(jitsi).count("Adding a static mapping: ") == 1
    assert "for StunMappingCandidateHarvester" not in last_start(jitsi)
    assert "config.p2p.stunServers = [];" in internet.curl("https://jitsi.test/config.js").body
    assert external_services(jitsi) == []
    assert eventually(lambda: internet.curl("https://jitsi.test/http-bind").status == 200)


@pytest.mark.standin("their repository has a later release")
def test_upgrade_of_everything_by_hand_leaves_what_was_set(jitsi, internet):
    before = jitsi.check_output(f"sha256sum {FILES}")
    jitsi.run_expect([0], f"{LATER} && apt-get --quiet=2 update && {APT} full-upgrade")
    assert jitsi.package("jitsi-meet").version.startswith("2.0.11200")
    assert jitsi.check_output(f"sha256sum {FILES}") == before
    require_all_as_asked(jitsi, internet)


@pytest.mark.standin("their repository has a later release")
def test_run_after_it_restarts_prosody_for_its_plugins_are_new(jitsi):
    """Its package has not; the other services were restarted by theirs. jicofo restarts behind it."""
    services = ("nginx", "jitsi-videobridge2", "jicofo")
    *before, jicofo_before = [started(jitsi, service) for service in services]
    said = run("--limit=jitsi-lab-jitsi")
    # The note of what is owed, the restart, and jicofo's end and start.
    assert "changed=4 " in said
    assert "prosody runs with older versions of these files: /usr/share/jitsi-meet/prosody-plugins" in said
    *after, jicofo_after = [started(jitsi, service) for service in services]
    assert after == before
    assert jicofo_after != jicofo_before
    assert not changed(run("--limit=jitsi-lab-jitsi"))


def test_purged_packages_are_installed_again_as_asked(jitsi, internet):
    """Prosody stays, with what the role has written for it."""
    jitsi.run_expect([0], f"{APT} purge 'jitsi-*' jicofo")
    assert not jitsi.file("/etc/jitsi/videobridge").exists
    assert changed(run())
    require_all_as_asked(jitsi, internet)


def test_installation_that_stopped_at_leftovers_is_mended(jitsi, internet):
    """The package's script asks on a terminal before it overwrites what an earlier installation left."""
    left = [f"/var/lib/prosody/{name}.cnf" for name in ("jitsi.test", "auth.jitsi.test")]
    jitsi.run_expect([0], f"{APT} purge 'jitsi-*' jicofo && touch {' '.join(left)}")
    name = "jitsi-videobridge2 jitsi-videobridge/jvb-hostname string jitsi.test"
    jitsi.run_expect([0], f"echo {name} | debconf-set-selections")
    jitsi.run_expect([100], f"{APT} --no-install-recommends install jitsi-meet < /dev/null")
    assert "jitsi-meet-prosody" in jitsi.check_output("dpkg --audit")
    run()
    assert jitsi.check_output("dpkg --audit") == ""
    newest = jitsi.check_output("ls /var/backups/jitsi-meet | tail --lines 1")
    kept = jitsi.check_output(f"tar --list --file /var/backups/jitsi-meet/{newest}")
    assert {path.lstrip("/") for path in left} <= set(kept.split())
    require_all_as_asked(jitsi, internet)


def test_run_after_that_changes_nothing():
    said = run()
    assert not changed(said), said


def test_mended_services_log_in(request):
    """The mended packages may give jicofo another password than prosody keeps, and a run gives prosody jicofo's."""
    # Back to the repository that the check's inventory names.
    code, said = site()
    assert code == 0, said
    assert not failed_rows(request.getfixturevalue("check_of_the_site"))
