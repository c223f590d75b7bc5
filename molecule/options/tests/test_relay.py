"""The TURN server, through the host's forwards, with the client that comes with coturn."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import capture
import pytest
from machines import evaluate, eventually
from outsiders import needs_tshark
from xmpp import external_services

# Guests learn of the server.
pytestmark = pytest.mark.usefixtures("accounts_decide")

SECRET = "/etc/selfhosted-jitsi/private/turn-secret"
PEER = "-e 198.51.100.20 -r 3480"


#: A STUN binding request over TLS, and the address that the server saw, which it answers XORed with its cookie.
BINDING = """
import json, os, socket, ssl, struct
trust = ssl.create_default_context(cadata={certificate!r})
with trust.wrap_socket(socket.create_connection(("jitsi.test", 5349), 20), server_hostname="jitsi.test") as client:
    client.sendall(struct.pack("!HHI", 1, 0, 0x2112A442) + os.urandom(12))
    answer = client.recv(2000)
kind, size = struct.unpack("!HH", answer[:4])
found, rest = "", answer[20:]
while len(rest) >= 4:
    name, length = struct.unpack("!HH", rest[:4])
    if name == 0x20:
        found = socket.inet_ntoa(bytes(a ^ b for a, b in zip(rest[8:12], bytes.fromhex("2112A442"))))
    rest = rest[4 + (length + 3) // 4 * 4:]
print(json.dumps([kind, found]))
"""


@pytest.fixture(scope="module")
def credentials(jitsi, accounts_decide):
    """What prosody gives to a guest."""
    return external_services(jitsi, "guest.jitsi.test")


def relayed(internet, credentials, options, peer=PEER, seconds=20):
    """Have a client relay some packets; what it says of them."""
    service = next(service for service in credentials if service["type"] == "turn")
    login = f"-u {service['username']} -w {service['password']}"
    # ssh fails with 255 itself, so the client's own 255 must not come through.
    command = f"timeout {seconds} turnutils_uclient {login} -n 5 -m 1 -c {peer} {options} jitsi.test || true"
    done = internet.place.run(command)
    return done.stdout + done.stderr


def test_prosody_tells_clients_of_each_way(credentials):
    ways = {(one["type"], one.get("transport"), one["host"], one["port"]) for one in credentials}
    assert ways == {
        ("stun", None, "jitsi.test", "3478"),
        ("turn", "udp", "jitsi.test", "3478"),
        ("turn", "tcp", "jitsi.test", "3478"),
        ("turns", "tcp", "jitsi.test", "5349"),
    }


def test_credentials_last_a_day(internet, credentials):
    now = datetime.fromisoformat(internet.place.check_output("date --utc --iso-8601=seconds"))
    for one in credentials:
        if one["type"] == "stun":
            assert not {"username", "password", "expires"} & set(one)
            continue
        assert one["username"]
        assert one["password"]
        left = datetime.fromisoformat(one["expires"]) - now
        assert timedelta(hours=23) < left <= timedelta(days=1, minutes=1), one["expires"]


def test_stun_tells_a_client_its_own_address(internet):
    said = internet.place.run("timeout 20 turnutils_stunclient jitsi.test")
    assert "reflexive addr: 198.51.100.20:" in said.stdout + said.stderr


def test_server_answers_over_tls_with_the_certificate_that_was_given(internet, jitsi):
    certificate = jitsi.check_output("cat /etc/selfhosted-jitsi/test.crt")
    assert evaluate(internet.place, BINDING.format(certificate=certificate)) == [0x101, "198.51.100.20"]


@pytest.mark.parametrize("options", ["-p 3478", "-p 3478 -t"])
def test_packets_are_relayed_with_the_credentials_of_prosody(internet, credentials, options):
    said = relayed(internet, credentials, options)
    assert "Total lost packets 0 (0.000000%)" in said, said
    assert re.search(r"Total transmit time is|tot_recv_msgs=5", said), said


def test_relayed_packets_come_from_the_public_address(internet, credentials):
    assert "relay addr: 198.51.100.10:" in relayed(internet, credentials, "-p 3478 -v").replace("\r", "")


def test_wrong_credentials_are_refused(internet, credentials):
    wrong = [{**service, "password": "wrong"} for service in credentials if service["type"] == "turn"]
    assert "Total lost packets 0 (0.000000%)" not in relayed(internet, wrong, "-p 3478")


@pytest.mark.parametrize("peer", ["192.168.122.110", "127.0.0.1", "10.0.0.1", "192.168.122.1"])
def test_nobody_reaches_what_stands_behind(internet, credentials, peer):
    said = relayed(internet, credentials, "-p 3478", f"-e {peer} -r 8080")
    assert "403 (Forbidden" in said, said


@needs_tshark
def test_bridge_can_be_reached(internet, credentials, tmp_path):
    """The client waits in vain for its own packets to come back, so it is ended: perhaps too early, then again."""

    def arrived():
        with capture.packets(tmp_path, "jitsi") as packets:
            said = relayed(internet, credentials, "-p 3478", "-e 192.168.122.120 -r 10000", seconds=12)
            assert "Forbidden" not in said
        return ("192.168.122.120", "192.168.122.120") in packets.datagrams_to(10000)

    assert eventually(arrived, seconds=90)


def test_secret_is_kept_from_others(jitsi):
    secret = jitsi.check_output(f"cat {SECRET}")
    assert re.fullmatch("[0-9a-f]{64}", secret)
    # sudo keeps the command line of this very search in the journal of the one who runs the tests.
    search = f"grep -rslF --exclude='user-*.journal' {secret} /etc /var/lib /var/log /tmp"
    # It ends with 2 where a file goes while it searches.
    found = jitsi.run(search).stdout.split()
    assert sorted(found) == [
        "/etc/prosody/conf.d/selfhosted-jitsi.cfg.lua",
        "/etc/prosody/selfhosted-jitsi-authentication.cfg.lua",
        SECRET,
        "/etc/selfhosted-jitsi/turnserver.conf",
    ]
    for path in found:
        assert jitsi.run(f"runuser -u nobody -- cat {path}").rc != 0, path
