"""What a bridge makes of its two files, and what is found wrong with them."""

from __future__ import annotations

import re

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.bridge.addresses import Files, Wish, judge

ICE = "org.ice4j.ice.harvest."
PAIR = f"{ICE}NAT_HARVESTER_LOCAL_ADDRESS=192.0.2.1\n{ICE}NAT_HARVESTER_PUBLIC_ADDRESS=198.51.100.1\n"
STUN = f"{ICE}STUN_MAPPING_HARVESTER_ADDRESSES=stun.example:443\n"
MAPPED = 'ice4j.harvest.mapping.static-mappings = [{local-address = "192.0.2.1", public-address = "198.51.100.1"}]\n'
ASKING = 'ice4j.harvest.mapping.stun.addresses = ["stun.example:443"]\n'
SILENT = "ice4j.harvest.mapping.stun.addresses = []\n"
CONFIG = 'JAVA_SYS_PROPS="-Dconfig.file=/etc/jitsi/videobridge/jvb.conf -Dmore"\n'
WISH = Wish("192.0.2.1", ["198.51.100.1"])


def both(properties, hocon, wish=WISH, config=CONFIG):
    return judge(Files(properties, hocon, config), wish)


def only(report):
    assert len(report.findings) == 1, report.findings
    return report.findings[0]


@pytest.mark.parametrize(
    ("properties", "hocon", "config", "reads"),
    [
        (None, None, None, ()),
        ("", None, "JAVA_SYS_PROPS=-Dmore", ("sip-communicator.properties",)),
        (None, "", CONFIG, ("jvb.conf",)),
        (None, "", "", ("jvb.conf",)),
        ("", "", CONFIG, ("sip-communicator.properties", "jvb.conf")),
        ("", "", None, ("sip-communicator.properties", "jvb.conf")),
        ("", "", "#" + CONFIG, ("sip-communicator.properties",)),
    ],
)
def test_dialect_is_that_of_the_installed_bridge(properties, hocon, config, reads):
    assert judge(Files(properties, hocon, config), WISH).reads == reads


def test_jvb_conf_that_the_bridge_does_not_read_is_named_and_does_not_count():
    report = both(PAIR, ASKING, config='JAVA_SYS_PROPS="-Dmore"')
    assert "not started with -Dconfig.file" in only(report)
    assert report.stun == ()
    assert report.superseded == ()


@pytest.mark.parametrize(("properties", "hocon"), [(PAIR, None), (None, MAPPED), ("", MAPPED + SILENT)])
def test_what_is_right_has_no_findings(properties, hocon):
    report = both(properties, hocon)
    assert report.findings == ()
    assert report.mappings == (("192.0.2.1", "198.51.100.1"),)


def test_the_same_mapping_twice_is_found():
    report = both(PAIR, MAPPED + SILENT)
    assert "is in sip-communicator.properties and in jvb.conf" in only(report)
    assert set(report.superseded) == {f"{ICE}NAT_HARVESTER_LOCAL_ADDRESS", f"{ICE}NAT_HARVESTER_PUBLIC_ADDRESS"}


def test_another_mapping_in_the_old_file_is_found():
    report = both(PAIR.replace("100.1", "100.9"), MAPPED + SILENT)
    assert "still maps 192.0.2.1 to 198.51.100.9" in only(report)
    assert report.mappings == (("192.0.2.1", "198.51.100.9"), ("192.0.2.1", "198.51.100.1"))


@pytest.mark.parametrize("quote", ['"', "'"])
def test_quoted_addresses_are_found(quote):
    report = both(PAIR.replace("=192.0.2.1", f"={quote}192.0.2.1{quote}"), None)
    assert f"{quote}192.0.2.1{quote} is not an address" in only(report)


def test_exchanged_addresses_are_found_in_both_files():
    text = PAIR.replace("192.0.2.1", "X").replace("198.51.100.1", "192.0.2.1").replace("X", "198.51.100.1")
    assert "the local and the public address are swapped" in only(both(text, None))
    swapped = MAPPED.replace("192.0.2.1", "X").replace("198.51.100.1", "192.0.2.1").replace("X", "198.51.100.1")
    assert only(both(None, swapped)).startswith("jvb.conf: the local")


def test_exchanged_addresses_in_quotes_are_found():
    text = f'{ICE}NAT_HARVESTER_LOCAL_ADDRESS="198.51.100.1"\n{ICE}NAT_HARVESTER_PUBLIC_ADDRESS="192.0.2.1"\n'
    assert [("swapped" in finding, "quotes" in finding) for finding in both(text, None).findings] == [
        (False, True),
        (False, True),
        (True, False),
    ]


@pytest.mark.parametrize("kept", [0, 1])
def test_half_a_pair_is_found(kept):
    report = both(PAIR.splitlines()[kept], None)
    assert "has no effect without" in only(report)
    assert report.mappings == ()


@pytest.mark.parametrize(
    ("properties", "hocon", "words"),
    [
        ("", ASKING, "STUN discovery is off in sip-communicator.properties, but on in jvb.conf"),
        (STUN, SILENT, "STUN discovery is off in jvb.conf, but sip-communicator.properties overrides it"),
        (STUN, ASKING, "STUN discovery is on in sip-communicator.properties and in jvb.conf"),
    ],
)
def test_discovery_that_is_left_on_is_found(properties, hocon, words):
    report = both(properties, MAPPED + hocon)
    assert words in only(report)
    assert report.stun == ("stun.example:443",)


@pytest.mark.parametrize(
    ("line", "key", "value", "beaten"),
    [
        (f"{ICE}DISABLE_AWS_HARVESTER=true", "ice4j.harvest.mapping.aws.enabled", False, False),
        (f"{ICE}DISABLE_AWS_HARVESTER=false", "ice4j.harvest.mapping.aws.enabled", False, True),
        (f"{ICE}DISABLE_AWS_HARVESTER=true", "ice4j.harvest.mapping.aws.enabled", True, True),
        ("org.ice4j.ipv6.DISABLED=TRUE", "ice4j.harvest.use-ipv6", False, False),
        ("org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT=10000", "videobridge.ice.udp.port", 10000, False),
        ("org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT=10001", "videobridge.ice.udp.port", 10000, True),
        (f"{ICE}BLOCKED_ADDRESSES=192.0.2.7;192.0.2.8", "ice4j.harvest.blocked-addresses", ["192.0.2.7"], True),
        (f"{ICE}BLOCKED_ADDRESSES=192.0.2.7", "ice4j.harvest.blocked-addresses", ["192.0.2.7"], False),
        (f"{ICE}BLOCKED_ADDRESSES=192.0.2.7", "ice4j.harvest.allowed-addresses", [], False),
    ],
)
def test_old_names_that_beat_what_is_wanted_are_found(line, key, value, beaten):
    report = both(line, MAPPED + SILENT, Wish("192.0.2.1", ["198.51.100.1"], {key: value}))
    assert (line.partition("=")[0] in report.superseded) is beaten
    assert any(" overrides " in finding for finding in report.findings) is beaten


def test_old_files_know_one_public_address():
    wish = Wish("192.0.2.1", ["198.51.100.1", "203.0.113.1"])
    assert "203.0.113.1 would need a newer bridge" in only(both(PAIR, None, wish))
    assert not any("newer bridge" in finding for finding in both("", MAPPED + SILENT, wish).findings)


@pytest.mark.parametrize(("properties", "hocon"), [("a=\\u12", MAPPED), ("", "a = {"), ("", 'include "x.conf"')])
def test_files_that_cannot_be_read_are_named(properties, hocon):
    assert any("cannot be parsed" in finding for finding in both(properties, hocon).findings)


@pytest.mark.parametrize(
    ("properties", "hocon", "port", "health"),
    [
        ("", "", 10000, "http://127.0.0.1:8080/about/health"),
        ("", "videobridge.ice.udp.port = 10001", 10001, "http://127.0.0.1:8080/about/health"),
        ("org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT=10002", "videobridge.ice.udp.port = 1", 10002, None),
        (
            "",
            'videobridge.http-servers.private { host = "localhost", port = 8090 }',
            10000,
            "http://localhost:8090/about/health",
        ),
        ("org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT=what", "", 0, None),
    ],
)
def test_ports_are_those_that_the_bridge_takes(properties, hocon, port, health):
    report = both(properties, hocon)
    assert report.port == port
    assert health in (None, report.health)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 60),
        ("videobridge.health.interval = 10 seconds", 10),
        ('videobridge { health { interval = "2 minutes" } }', 120),
        ("videobridge.health.interval = 1500", 1.5),
        ("videobridge.health.interval = soon", 60),
    ],
)
def test_first_health_check_comes_after_the_interval(text, seconds):
    assert judge(Files(None, text, None), WISH).health_interval == seconds


def test_old_name_of_the_health_interval_wins_and_is_in_milliseconds():
    files = Files("org.jitsi.videobridge.health.INTERVAL=5000\n", "videobridge.health.interval = 10s", None)
    assert judge(files, WISH).health_interval == 5


@pytest.mark.parametrize(("value", "required"), [("true", True), ('"yes"', True), ("false", False)])
def test_bridge_that_requires_stun_is_sick_without(value, required):
    report = judge(Files(None, f"videobridge.health.require-stun = {value}", None), WISH)
    assert ("stunDiscoveryFailed=false" in report.log_ready) is required
    assert report.log_sick == (("stunDiscoveryFailed=true",) if required else ())


@pytest.mark.parametrize(
    ("line", "proves"),
    [
        ("X(face=192.168.122.120:9/udp, mask=198.51.100.10:9/udp)", True),
        ("X, face=/192.168.122.120, mask=/198.51.100.10", True),
        ("StaticMapping(localAddress=192.168.122.120, publicAddress=172.15.0.1, localPort=null", True),
        ("X(face=192.168.122.120:9/udp, mask=10.0.0.1:9/udp)", False),
        ("X(face=192.168.122.120:9/udp, mask=172.31.0.1:9/udp)", False),
        ("Using org.ice4j.ice.harvest.AwsCandidateHarvester", False),
    ],
)
def test_mapping_to_an_address_for_clients_outside_proves_health(line, proves):
    (pattern,) = judge(Files(None, "", None), WISH).log_ready
    assert bool(re.search(pattern, line)) is proves
