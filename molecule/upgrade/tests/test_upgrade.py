"""A site that was upgraded: what the bridge really read, what clients are really told."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import browser
import pytest
from check_runs import blamed, check
from machines import eventually, full_disk, unchanged_machines
from participants import meet, needs_both, room_of_today
from runs import play
from xmpp import external_services

BRIDGE = "/etc/jitsi/videobridge"
SITE = "/etc/prosody/conf.avail/jitsi.test.cfg.lua"
KEYRING = "/etc/apt/keyrings/jitsi.asc"
HOOK = "/etc/apt/apt.conf.d/99fails"
DROP_IN = "/etc/prosody/conf.d/selfhosted-jitsi.cfg.lua"
ICE = "org.ice4j.ice.harvest."
MAPPING = "StaticMapping(localAddress=192.168.122.120, publicAddress=198.51.100.10"
HARVESTER = "StaticMappingCandidateHarvester(face=192.168.122.120:9/udp, mask=198.51.100.10:9/udp)"


def last_start(jitsi):
    """The bridge's log since it was started last."""
    log = jitsi.check_output("cat /var/log/jitsi/jvb.log")
    return log[log.rindex("Starting jitsi-videobridge") :]


def require_one_mapping_and_no_discovery(jitsi):
    log = last_start(jitsi)
    assert re.findall(r"Adding a static mapping: (.*), localPort", log) == [MAPPING]
    assert re.findall(r"Using org.ice4j.ice.harvest.(StaticMapping.*)", log) == [HARVESTER]
    assert "stunDiscoveryFailed=false" in log
    assert "for StunMappingCandidateHarvester" not in log
    assert "Discarding" not in log
    assert "AWS" not in log


def version(jitsi, package):
    return jitsi.check_output(f"dpkg-query --show --showformat='${{Version}}' {package}")


def test_packages_are_those_of_today(jitsi):
    assert version(jitsi, "jitsi-meet").startswith("2.0.11146")
    assert version(jitsi, "jitsi-videobridge2").startswith("2.3")


def test_bridge_read_both_files_and_found_one_mapping_and_no_discovery(jitsi):
    require_one_mapping_and_no_discovery(jitsi)
    assert "Starting jitsi-videobridge version 2.3" in last_start(jitsi)
    lines = jitsi.check_output(f"cat {BRIDGE}/sip-communicator.properties").splitlines()
    # The names stay as comments, for the packages' scripts look for them.
    for name in ("NAT_HARVESTER_LOCAL_ADDRESS", "NAT_HARVESTER_PUBLIC_ADDRESS", "STUN_MAPPING_HARVESTER_ADDRESSES"):
        assert [line[0] for line in lines if ICE + name in line] == ["#"]


def test_settings_of_the_administrator_stay(jitsi):
    text = jitsi.check_output(f"cat {BRIDGE}/logging.properties")
    assert "org.jitsi.videobridge.level = FINE" in text
    assert "Another text than that of 2020" not in text
    # The lab's inventory has it, and no package.
    assert "config.analytics.disabled = true;" in jitsi.check_output("cat /etc/jitsi/meet/jitsi.test-config.js")


def test_nothing_else_was_upgraded_and_no_turn_server_came(jitsi):
    log = jitsi.check_output("cat /var/log/apt/history.log")
    upgraded = " ".join(re.findall(r"^Upgrade: (.*)$", log, re.MULTILINE))
    names = set(re.findall(r"([a-z0-9.+-]+):\S+ \(", upgraded))
    assert {"jitsi-meet", "jitsi-videobridge2", "jicofo"} <= names
    assert all(name.startswith(("jitsi-", "jicofo")) for name in names)
    assert not jitsi.package("coturn").is_installed


@pytest.mark.skipif(not shutil.which("node"), reason="no JavaScript engine: node is not installed")
def test_config_js_sends_clients_to_no_stun_server(internet):
    program = "console.log(JSON.stringify([config.hosts.domain, config.p2p.stunServers, config.p2p.enabled]))"
    script = internet.curl("https://jitsi.test/config.js").body + program
    done = subprocess.run(["node", "-"], input=script, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == ["jitsi.test", [], True]


@pytest.mark.skipif(not shutil.which("node"), reason="no JavaScript engine: node is not installed")
def test_clients_are_told_to_contact_nobody_else(internet):
    names = "disableThirdPartyRequests", "gravatar.disabled", "giphy.enabled", "enableCalendarIntegration"
    program = f"console.log(JSON.stringify([{', '.join('config.' + name for name in names)}]))"
    script = internet.curl("https://jitsi.test/config.js").body + program
    done = subprocess.run(["node", "-"], input=script, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == [True, True, False, False]


def test_check_names_the_one_outside_host_that_clients_would_contact(jitsi):
    """Everything else is right: also Google's servers, which the file of 2020 still names, are replaced."""
    file = "/etc/jitsi/meet/jitsi.test-config.js"
    jitsi.run_expect([0], f"cp -a {file} /root/config.js")
    jitsi.run_expect([0], f"echo \"config.dynamicBrandingUrl = 'https://brand.example/x';\" >> {file}")
    try:
        with unchanged_machines():
            code, said = check()
    finally:
        jitsi.run_expect([0], f"mv /root/config.js {file}")
    assert code != 0
    found = blamed(said)
    assert list(found) == ["no outside host is contacted", "jitsi-lab-jitsi has the clients' config.js as wanted"], said
    assert "found brand.example: config.dynamicBrandingUrl" in found["no outside host is contacted"]
    assert "check_wanted_hosts" in found["no outside host is contacted"]
    assert "google" not in said


def test_page_loads_through_the_front(internet, proxy, tmp_path):
    answer = internet.curl("https://jitsi.test/SomeRoom")
    assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, "text/html")
    if browser.DRIVER:
        certificate = proxy.check_output("cat /etc/ssl/selfhosted/jitsi.test.crt")
        wanted = "connected to jitsi.test"
        assert wanted in browser.text_of_page("https://jitsi.test/SomeRoom", certificate, tmp_path, wanted)


@needs_both
def test_two_participants_connect_without_a_packet_to_anybody_outside(jitsi, proxy, tmp_path):
    """The file of 2020 names three servers of Google, and today's client has one of its own."""
    with room_of_today(jitsi) as room:
        packets = meet(proxy, tmp_path, room)
    assert packets.stun_servers() == set()
    assert packets.outside() == set()


def test_second_upgrade_changes_nothing():
    code, said = play("upgrade")
    assert code == 0, said
    assert not re.search(r"changed=[1-9]", said), said


def test_files_that_contradict_each_other_are_named_and_put_right(jitsi, internet):
    """What people do to an upgraded machine by hand, following advice for either generation."""
    old = f"{BRIDGE}/sip-communicator.properties"
    pair = f'{ICE}NAT_HARVESTER_LOCAL_ADDRESS="198.51.100.10"\\n{ICE}NAT_HARVESTER_PUBLIC_ADDRESS="192.168.122.120"\\n'
    more = f"{ICE}STUN_MAPPING_HARVESTER_ADDRESSES=stun.example:443\\n{ICE}DISABLE_AWS_HARVESTER=false\\n"
    jitsi.run_expect([0], f"printf '{pair}{more}' >> {old}")
    # What today's package would have written, had it installed the site.
    services = 'external_services = { { type = "stun", host = "stun.example", port = 3478 } }'
    jitsi.run_expect(
        [0], f'sed -i \'1i {services}\' {SITE} && sed -i \'s/"bosh";/"bosh"; "external_services";/\' {SITE}'
    )
    jitsi.run_expect([0], f"rm {DROP_IN} && systemctl restart prosody jitsi-videobridge2")
    # systemd calls prosody started before it listens.
    assert eventually(lambda: internet.curl("https://jitsi.test/http-bind").status < 500)
    assert [service["host"] for service in external_services(jitsi)] == ["stun.example"]

    code, said = play("site")
    assert code == 0, said
    for words in (
        "NAT_HARVESTER_LOCAL_ADDRESS is in quotes",
        "the local and the public address are swapped",
        "DISABLE_AWS_HARVESTER=false overrides ice4j.harvest.mapping.aws.enabled",
        "STUN discovery is off in jvb.conf, but sip-communicator.properties overrides it",
    ):
        assert words in said, said
    require_one_mapping_and_no_discovery(jitsi)
    assert external_services(jitsi) == []


def test_held_package_is_not_upgraded(jitsi):
    jitsi.run_expect([0], "apt-mark hold jicofo")
    try:
        code, said = play("upgrade", packages="later")
    finally:
        jitsi.run_expect([0], "apt-mark unhold jicofo")
    assert code != 0
    assert "jicofo on jitsi-lab-jitsi is held, and" in said, said
    assert version(jitsi, "jitsi-meet").startswith("2.0.11146")


def test_upgrade_that_fails_leaves_the_services_running(jitsi):
    """The script of a package stopped them, and something ends apt before it unpacks the new ones."""
    hook = 'DPkg::Pre-Install-Pkgs {"systemctl stop jicofo jitsi-videobridge2; echo nothing goes >&2; false";};'
    jitsi.run_expect([0], f"echo '{hook}' > {HOOK}")
    try:
        code, said = play("upgrade", packages="later")
    finally:
        jitsi.run_expect([0], f"rm {HOOK}")
    assert code != 0
    assert "nothing goes" in said, said
    assert version(jitsi, "jitsi-meet").startswith("2.0.11146")
    assert jitsi.check_output("systemctl is-active jicofo jitsi-videobridge2").split() == ["active", "active"]
    assert eventually(lambda: jitsi.run("pgrep -u jicofo java").rc == 0)
    assert jitsi.run("ls /etc/systemd/system/*.d/*unconfigured*").rc != 0


def test_upgrade_that_has_no_room_is_named(jitsi):
    """The next test is the run that makes it good."""
    jitsi.run_expect([0], "apt-get clean")
    with full_disk(jitsi, "/var/cache/apt/archives"):
        code, said = play("upgrade", packages="later")
    assert code != 0
    assert "jitsi-lab-jitsi cannot install the packages jicofo, jitsi-meet, " in said, said
    assert "enough free space in /var/cache/apt/archives/. Free some space (see `df -h" in said
    assert version(jitsi, "jitsi-meet").startswith("2.0.11146")


def test_later_release_of_today_leaves_what_was_set(jitsi):
    """And a key of the same fingerprint that was published anew, as one that was renewed, is trusted."""
    before = jitsi.check_output(f"cat {BRIDGE}/jvb.conf")
    published = jitsi.check_output(f"cat {KEYRING}")
    jitsi.run_expect([0], f"sed -i '1a Comment: not renewed yet' {KEYRING}")
    code, said = play("upgrade", "--extra-vars=jitsi_meet_privacy=stock", packages="later")
    assert code == 0, said
    assert version(jitsi, "jitsi-meet").startswith("2.0.11200")
    assert jitsi.check_output(f"cat {KEYRING}") == published
    assert jitsi.check_output(f"cat {BRIDGE}/jvb.conf") == before
    require_one_mapping_and_no_discovery(jitsi)
    # What was strict is left to the file again; what the inventory itself sets stays.
    text = jitsi.check_output("cat /etc/jitsi/meet/jitsi.test-config.js")
    assert "config.disableThirdPartyRequests" not in text
    assert "config.gravatar" not in text
    assert "config.analytics.disabled = true;" in text
    assert "config.p2p.stunServers = [];" in text
