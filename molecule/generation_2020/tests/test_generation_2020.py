"""The site with the packages of 2020, as the article had it."""

import re
import secrets

from machines import evaluate, eventually
from participants import meet, needs_both, new_room
from site_runs import changed, site

PROPERTIES = "/etc/jitsi/videobridge/sip-communicator.properties"
MAPPING = re.compile(r"MappingCandidateHarvester, face=/192\.168\.122\.120, mask=/198\.51\.100\.10$", re.MULTILINE)
INITIALIZED = "Initialized mapping harvesters"
STUN = "org.ice4j.ice.harvest.STUN_MAPPING_HARVESTER_ADDRESSES=meet-jit-si-turnrelay.jitsi.net:443"


def last_start(jitsi):
    """What the bridge's log says of its last start, which that of 2020 does not name."""
    log = jitsi.check_output("cat /var/log/jitsi/jvb.log")
    assert log.count(INITIALIZED) > 0
    return INITIALIZED.join(log.split(INITIALIZED)[-2:])


def test_properties_say_the_mapping_and_keep_the_stun_line_as_a_comment(jitsi):
    lines = jitsi.check_output(f"cat {PROPERTIES}").splitlines()
    assert "org.ice4j.ice.harvest.NAT_HARVESTER_LOCAL_ADDRESS=192.168.122.120" in lines
    assert "org.ice4j.ice.harvest.NAT_HARVESTER_PUBLIC_ADDRESS=198.51.100.10" in lines
    assert f"#{STUN}" in lines
    assert STUN not in lines


def test_bridge_read_the_static_mapping_and_no_stun(jitsi):
    log = last_start(jitsi)
    assert MAPPING.search(log)
    assert "StunMappingCandidateHarvester" not in log
    assert "stunDiscoveryFailed=false" in log


def test_another_configuration_of_the_package_keeps_the_stun_line_commented(jitsi):
    before = jitsi.check_output(f"cat {PROPERTIES}")
    jitsi.run_expect([0], "DEBIAN_FRONTEND=noninteractive dpkg-reconfigure jitsi-videobridge2")
    assert jitsi.check_output(f"cat {PROPERTIES}") == before


def test_tcp_4443_reaches_the_bridge(internet, jitsi):
    token = secrets.token_hex(8)
    program = f"""
import json, socket
client = socket.create_connection(("jitsi.test", 4443), timeout=5)
client.sendall({token.encode()!r} + b"\\n")
print(json.dumps([client.getsockname(), client.recv(2000).decode()]))
"""
    (address, port), answer = evaluate(internet.place, program)
    assert address == "198.51.100.20"
    assert answer
    assert f"{address}:{port}" in jitsi.check_output("cat /var/log/jitsi/jvb.log")


def test_turnserver_that_was_installed_earlier_goes_and_gives_port_443_back(internet, jitsi):
    """Packages of 2020 gave port 443 to nginx's stream module and moved the site to 4444."""
    vhost = "/etc/nginx/sites-available/jitsi.test.conf"
    before = jitsi.check_output(f"cat {vhost}")
    install = "apt-get install --yes --quiet=2 --no-install-recommends jitsi-meet-turnserver"
    jitsi.run_expect([0], f"DEBIAN_FRONTEND=noninteractive {install}")
    assert "listen 4444 ssl" in jitsi.check_output(f"cat {vhost}")
    assert jitsi.file("/etc/nginx/modules-enabled/60-jitsi-meet.conf").exists
    code, said = site("--limit", "jitsi-lab-jitsi", generation="2020")
    assert code == 0, said
    assert jitsi.check_output(f"cat {vhost}") == before
    for package in ("jitsi-meet-turnserver", "coturn"):
        assert not jitsi.package(package).is_installed
    for path in ("/etc/turnserver.conf", "/etc/nginx/modules-enabled/60-jitsi-meet.conf"):
        assert not jitsi.file(path).exists, path
    assert eventually(lambda: internet.curl("https://jitsi.test/config.js").status == 200)
    assert jitsi.run("ss --listening --tcp --numeric --no-header 'sport = 4444'").stdout == ""
    code, said = site("--limit", "jitsi-lab-jitsi", generation="2020")
    assert (code, changed(said)) == (0, False), said


def test_turn_server_of_which_no_client_would_learn_is_refused(jitsi):
    wanted = ("--extra-vars", '{"jitsi_meet_coturn": true}')
    code, said = site("--limit", "jitsi-lab-jitsi", *wanted, generation="2020")
    assert code != 0
    assert "clients of jitsi-meet 1.0.4335-1, which jitsi-lab-jitsi has, ask prosody for no TURN server" in said, said
    assert not changed(said)
    assert not jitsi.package("coturn").is_installed


def test_clients_are_sent_to_the_chosen_stun_server(internet):
    answer = internet.curl("https://jitsi.test/config.js")
    assert 'config.p2p.stunServers = [{"urls": "stun:meet-jit-si-turnrelay.jitsi.net:443"}];' in answer.body


@needs_both
def test_two_participants_ask_the_chosen_stun_server_and_no_other(proxy, tmp_path):
    """Every name is the lab's host to the browser: of Google's three, on port 19302, nothing may be seen."""
    packets = meet(proxy, tmp_path, new_room())
    assert packets.stun_servers() == {("198.51.100.10", 443)}
    assert packets.outside() == set()
