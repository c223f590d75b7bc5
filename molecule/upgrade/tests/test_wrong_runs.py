"""What goes wrong in a run is said clearly, and a later run makes it good. In this order, and after test_upgrade."""

from __future__ import annotations

import json
import re

import pytest
from machines import eventually, full_disk
from runs import play

SCRIPT = "/var/lib/dpkg/info/jitsi-meet-web-config.postinst"
PROSODY = "/etc/prosody/prosody.cfg.lua"
BRIDGE = "/etc/jitsi/videobridge"
PUBLIC = ["198.51.100.10", "203.0.113.10"]
SOON = {"jitsi_meet_health_seconds": 4}
#: The bridge checks itself for the first time so long after its start; its own default is a minute.
ITS_CHECK = {"key": "videobridge.health.interval", "value": "12 seconds"}
AFTER_ITS_CHECK = {"jitsi_meet_health_seconds": 40, "jitsi_meet_hocon": [ITS_CHECK]}
LOG = "/var/log/jitsi/jvb.log"
PLACE = "192.168.122.120:10000/udp"
SQUATTER = "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)"


def site(**variables):
    return play("site", "--extra-vars", json.dumps(variables), packages="later")


def last_start(jitsi):
    """The bridge's log since it was started last."""
    return jitsi.check_output(f"cat {LOG}").rpartition("Starting jitsi-videobridge")[2]


@pytest.fixture(scope="module")
def state(jitsi):
    """What of Jitsi is installed and how."""
    return lambda: jitsi.check_output(
        "dpkg-query --show --showformat='${db:Status-Status} ${Package}\\n' 'jitsi-*' jicofo"
    )


def test_repository_that_is_down_is_named(internet, jitsi, state):
    before = state()
    internet.place.run_expect([0], "systemctl stop packages")
    try:
        code, said = play("upgrade", packages="later")
    finally:
        internet.place.run_expect([0], "systemctl start packages")
    assert code != 0
    assert "jitsi-lab-jitsi cannot read its package lists, including that of http://packages.test/later" in said, said
    assert state() == before


def test_installation_that_cannot_be_finished_is_named(jitsi, state):
    jitsi.run_expect(
        [0], "cd /root && apt-get --quiet=2 download jitsi-meet-web-config && dpkg --unpack jitsi-meet-web-config_*.deb"
    )
    jitsi.run_expect([0], f"cp -a {SCRIPT} /root/postinst && sed -i '1a echo the disk is full >&2; exit 1' {SCRIPT}")
    code, said = site()
    assert code != 0
    assert (
        "The installation of jitsi-meet-web-config on jitsi-lab-jitsi was interrupted, and dpkg cannot finish it"
        in said
    ), said
    assert "the disk is full" in said
    assert "half-configured jitsi-meet-web-config" in state()


def test_cut_off_installation_is_finished_and_a_taken_port_named(jitsi, state):
    jitsi.run_expect([0], f"cp -a /root/postinst {SCRIPT} && systemctl stop jitsi-videobridge2")
    program = f"import socket, time; s = {SQUATTER}; s.bind(('::', 10000)); time.sleep(3600)"
    jitsi.run_expect([0], f'systemd-run --unit squatter python3 -c "{program}"')
    assert eventually(lambda: ":10000" in jitsi.check_output("ss -Hlun 'sport = :10000'"))
    code, said = site(**SOON)
    assert "half-configured" not in state()
    assert "\ninstalled jitsi-meet-web-config" in state()
    assert code != 0
    assert "jitsi-videobridge2 is not healthy after 4 seconds: another process uses udp/10000. Free its port" in said, (
        said
    )
    assert "Last log lines" in said
    assert f"Failed to create SinglePortUdpHarvester for address {PLACE}" in last_start(jitsi)


def test_bridge_that_lost_its_port_is_restarted_and_bad_health_named(jitsi):
    """The bridge of the last run still runs, without its port; and a private address is no address for the world.

    Prosody is not where nginx looks for it.
    """
    moved = f"cp -a {PROSODY} /root/prosody.cfg.lua && sed -i '1i http_ports = {{ 5299 }}' {PROSODY}"
    jitsi.run_expect([0], f"systemctl stop squatter && {moved} && systemctl restart prosody")
    code, said = site(jitsi_meet_public_addresses=["10.0.0.1"], **AFTER_ITS_CHECK)
    jitsi.run_expect([0], f"cp -a /root/prosody.cfg.lua {PROSODY} && systemctl restart prosody")
    assert code != 0
    assert "prosody is not healthy after 40 seconds: it does not listen on tcp/5280" in said, said
    assert "answers 500: No valid IP addresses available for harvesting" in said, said
    assert "wants a public address in jitsi_meet_public_addresses" in said
    assert f"Initialized SinglePortUdpHarvester with address {PLACE}" in last_start(jitsi)
    assert "Failed to create SinglePortUdpHarvester" not in last_start(jitsi)


def test_full_disk_is_named_and_the_file_stays_as_it_was(jitsi):
    """The next test is the run that makes it good."""
    look = f"ls -A {BRIDGE} && sha256sum {BRIDGE}/*"
    with full_disk(jitsi, BRIDGE):
        before = jitsi.check_output(look)
        code, said = site(jitsi_meet_public_addresses=PUBLIC)
        assert jitsi.check_output(look) == before
    assert code != 0
    assert f"Cannot replace {BRIDGE}/jvb.conf: the file does not fit in {BRIDGE} (No space left on device)" in said, (
        said
    )
    assert f"the existing file is unchanged; free space or inodes there (see 'df {BRIDGE}'" in said


def test_run_with_right_values_makes_it_good(jitsi):
    """Also a service of an init script whose processes are gone, and which systemd still calls active.

    The bridge gets two public addresses, as where clients of its own network use another one.
    """
    jitsi.run_expect([0], "kill -KILL $(cat /var/run/jicofo.pid)")
    assert jitsi.check_output("systemctl is-active jicofo") == "active"
    code, said = site(jitsi_meet_public_addresses=PUBLIC)
    assert code == 0, said
    log = last_start(jitsi)
    assert re.findall(r"Adding a static mapping: .*publicAddress=([0-9.]+)", log) == PUBLIC
    assert "jicofo runs, but none of its processes is running" in said
    for page in ("8080/about/health", "8888/about/version"):
        ask = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{page}').status)"
        assert jitsi.check_output(f'python3 -c "{ask}"') == "200"


def test_packages_that_are_configured_anew_are_put_right(jitsi):
    """Their scripts run again, as where somebody calls dpkg-reconfigure."""
    names = "jitsi-videobridge2 jicofo jitsi-meet-prosody jitsi-meet-web-config"
    jitsi.run_expect([0], f"DEBIAN_FRONTEND=noninteractive dpkg-reconfigure {names}")
    code, said = site(jitsi_meet_public_addresses=PUBLIC)
    assert code == 0, said
    log = last_start(jitsi)
    assert re.findall(r"Adding a static mapping: .*publicAddress=([0-9.]+)", log) == PUBLIC
    assert "stunDiscoveryFailed=false" in log
    assert "for StunMappingCandidateHarvester" not in log
