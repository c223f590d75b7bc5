"""The site with today's packages."""

import json

import pytest
from xmpp import external_services

MAPPING = "StaticMapping(localAddress=192.168.122.120, publicAddress=198.51.100.10"


def last_start(jitsi):
    """The bridge's log since it was started last."""
    log = jitsi.check_output("cat /var/log/jitsi/jvb.log")
    return log[log.rindex("Starting jitsi-videobridge") :]


def test_bridge_read_the_static_mapping_and_no_stun(jitsi):
    log = last_start(jitsi)
    assert f"Adding a static mapping: {MAPPING}" in log
    assert "stunDiscoveryFailed=false" in log
    assert "for StunMappingCandidateHarvester" not in log


@pytest.mark.parametrize("unit", ["nginx", "prosody", "jitsi-videobridge2", "jicofo"])
def test_limits_were_there_before_the_first_start(jitsi, unit):
    """systemd's own word for a unit that was started has this identifier."""
    started = f"journalctl --output=json MESSAGE_ID=39f53479d3a045ac8e11786248231fbf UNIT={unit}.service"
    first = json.loads(jitsi.check_output(started).splitlines()[0])
    written = jitsi.check_output(f"stat --format %Z /etc/systemd/system/{unit}.service.d/00-selfhosted-jitsi.conf")
    assert int(written) * 1e6 <= int(first["__REALTIME_TIMESTAMP"])


def test_bridge_keeps_no_properties_file(jitsi):
    assert not jitsi.file("/etc/jitsi/videobridge/sip-communicator.properties").exists
    assert not jitsi.socket("tcp://0.0.0.0:4443").is_listening


def test_jvb_conf_keeps_its_owner(jitsi):
    configuration = jitsi.file("/etc/jitsi/videobridge/jvb.conf")
    assert (configuration.user, configuration.group) == ("jvb", "jitsi")


def test_further_settings_of_the_inventory_are_in_force(jitsi):
    """Asked of the tool by which Jitsi's own packages read and edit the file."""
    command = "hocon -f /etc/jitsi/videobridge/jvb.conf get videobridge.ice.advertise-private-candidates"
    assert jitsi.check_output(command) == "false"


def test_config_js_sends_clients_to_no_stun_server(internet):
    answer = internet.curl("https://jitsi.test/config.js")
    assert "config.p2p.stunServers = [];" in answer.body.splitlines()


def test_prosody_sends_clients_to_no_stun_or_turn_server(jitsi):
    assert external_services(jitsi) == []
