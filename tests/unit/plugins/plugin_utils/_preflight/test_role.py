# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each argument of a role that cannot be is refused with its name, its value and what to do, and without a secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.role import ARCHIVES, JUDGES, problems

ROLES = Path(__file__).resolve().parents[5] / "roles"
BRIDGE = "bridge2"
SECRET = "do-not-show-me"
FORWARD = {"protocol": "tcp", "port": 443, "to": "192.168.122.100"}
SITE = {"name": "a.example.org", "backend": "http://192.168.122.9/"}
#: What the defaults of a role leave open, or take from another variable.
SAID = {
    "jitsi_meet": {
        "jitsi_meet_fqdn": "meet.example.org",
        "jitsi_meet_local_address": "192.168.122.120",
        "jitsi_meet_public_addresses": ["198.51.100.10"],
        "jitsi_meet_apt_key_url": "https://packages.example.org/key.gpg",
    },
    "nat_host": {
        "nat_host_public_address": "198.51.100.10",
        "nat_host_network": "192.168.122.0/24",
        "nat_host_forwards": [FORWARD],
        "nat_host_ssh_port": 22,
    },
    "reverse_proxy": {"reverse_proxy_sites": [SITE]},
    "videobridge": {
        "videobridge_fqdn": "meet.example.org",
        "videobridge_local_address": "192.168.122.121",
        "videobridge_public_addresses": ["198.51.100.10"],
        "videobridge_port": 10001,
        "videobridge_xmpp_address": "192.168.122.120",
        "videobridge_jitsi_machine": "meet",
        "videobridge_muc_nickname": BRIDGE,
        "videobridge_hold": False,
    },
}
TOKENS = {
    "jitsi_meet_authentication": "jwt",
    "jitsi_meet_jwt_app_id": "rooms",
    "jitsi_meet_jwt_app_secret": SECRET,
}
PROSODY = {
    "jitsi_meet_prosody_repository": True,
    "jitsi_meet_prosody_uri": "https://packages.example.org/debian",
    "jitsi_meet_prosody_key_url": "https://packages.example.org/key.gpg",
    "jitsi_meet_prosody_key_fingerprints": ["A" * 40],
}
ACME = {
    "reverse_proxy_sites": [{**SITE, "certificate": "acme"}],
    "reverse_proxy_acme_directory_url": "https://acme.example.org/",
}


def arguments_of(role):
    """The names that the role's tasks hand to the judge."""
    (task, *_others) = yaml.safe_load((ROLES / role / "tasks" / "preflight.yml").read_text())
    return list(task["selfhosted.jitsi.role_preflight"]["values"])


def judged(role, **changes):
    defaults = yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text())
    known = {**defaults, **SAID[role], **changes}
    return problems(role, {name: known[name] for name in arguments_of(role)}, BRIDGE, ["meet", BRIDGE])


@pytest.mark.parametrize("role", sorted(JUDGES))
def test_defaults_and_an_example_have_no_problem(role):
    assert judged(role) == []


@pytest.mark.parametrize("role", sorted(JUDGES))
def test_tasks_hand_over_each_argument_by_its_own_name(role):
    (task, *_others) = yaml.safe_load((ROLES / role / "tasks" / "preflight.yml").read_text())
    given = task["selfhosted.jitsi.role_preflight"]["values"]
    assert given == {name: f"{{{{ {name} }}}}" for name in given}


@pytest.mark.parametrize("role", sorted(ARCHIVES))
def test_removal_checks_the_folder_for_archives_and_nothing_else(role):
    (task, *_others) = yaml.safe_load((ROLES / role / "tasks" / "absent.yml").read_text())
    given = task["selfhosted.jitsi.role_preflight"]
    assert given == {"role": role, "state": "absent", "values": {ARCHIVES[role]: f"{{{{ {ARCHIVES[role]} }}}}"}}
    assert [problems(role, {ARCHIVES[role]: folder}, BRIDGE, [], True) for folder in ("", "/srv/kept")] == [[], []]
    for folder in ("/", "backups", "../x", "/srv/a b", "/srv/$HOME", "/srv\n"):
        (problem,) = problems(role, {ARCHIVES[role]: folder}, BRIDGE, [], True)
        assert problem.startswith(f"{ARCHIVES[role]}: {json.dumps(folder)} is not an absolute path of a folder.")


@pytest.mark.parametrize(
    ("role", "changes"),
    [
        ("jitsi_meet", {**TOKENS, "jitsi_meet_jwt_issuers": ["*", "portal"]}),
        ("jitsi_meet", PROSODY),
        ("jitsi_meet", {"jitsi_meet_accounts": [{"name": "ada", "password": 12345678}]}),
        ("jitsi_meet", {"jitsi_meet_accounts": [{"name": 5, "password": "word"}, {"name": "b", "state": "absent"}]}),
        ("jitsi_meet", {"jitsi_meet_coturn": "true", "jitsi_meet_coturn_port": "3479"}),
        ("jitsi_meet", {"jitsi_meet_coturn": "true", "jitsi_meet_version": "2.0.111*"}),
        ("jitsi_meet", {"jitsi_meet_version": "1.0.4335-1"}),
        ("jitsi_meet", {"jitsi_meet_turnserver": "false", "jitsi_meet_coturn": "yes"}),
        ("jitsi_meet", {"jitsi_meet_bridge_selection_strategy": "SingleBridgeSelectionStrategy"}),
        ("jitsi_meet", {"jitsi_meet_hocon": [{"key": "videobridge.ice.udp.port", "value": 10000}]}),
        ("nat_host", {"nat_host_forwards": []}),
        ("nat_host", {"nat_host_forwards": [FORWARD, {**FORWARD, "protocol": "udp"}]}),
        ("nat_host", {"nat_host_forwards": [{**FORWARD, "port": 22}], "nat_host_ssh_port": 2222}),
        ("nat_host", {"nat_host_forwards": [{**FORWARD, "port": 22}], "nat_host_allow_ssh": "true"}),
        ("reverse_proxy", {"reverse_proxy_sites": []}),
        ("reverse_proxy", {"reverse_proxy_acme_directory_url": "http://no-site-asks.test/"}),
        ("reverse_proxy", ACME),
        ("videobridge", {"videobridge_hocon": [{"key": "videobridge.websockets.enabled", "value": False}]}),
    ],
)
def test_right_values_have_no_problem(role, changes):
    assert judged(role, **changes) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"jitsi_meet_fqdn": "Meet"}, "jitsi_meet_fqdn: 'Meet' is not a fully qualified host name"),
        ({"jitsi_meet_local_address": "meet"}, "jitsi_meet_local_address: 'meet' is not an IPv4 address"),
        ({"jitsi_meet_public_addresses": []}, "jitsi_meet_public_addresses: [] must be IPv4 addresses"),
        ({"jitsi_meet_public_addresses": ["192.168.122.120"]}, "other than jitsi_meet_local_address"),
        ({"jitsi_meet_stun_servers": ["stun.example.org"]}, "must be host:port"),
        ({"jitsi_meet_stun_servers": ["stun.example.org:3478\n"]}, "must be host:port"),
        ({"jitsi_meet_apt_uri": "https://a b"}, 'jitsi_meet_apt_uri: "https://a b" is not a valid address for apt'),
        ({"jitsi_meet_apt_key_url": "https://a\n"}, 'jitsi_meet_apt_key_url: "https://a\\n"'),
        ({"jitsi_meet_apt_key_fingerprints": []}, "jitsi_meet_apt_key_fingerprints: each item of []"),
        ({"jitsi_meet_apt_key_fingerprints": ["a" * 40]}, "40 or 64 digits from 0-9 and A-F"),
        ({"jitsi_meet_apt_suite": "stable"}, "jitsi_meet_apt_suite: 'stable' does not end in a slash"),
        ({**PROSODY, "jitsi_meet_prosody_uri": "packages"}, 'jitsi_meet_prosody_uri: "packages" is not a URL'),
        ({**PROSODY, "jitsi_meet_prosody_key_url": ""}, 'jitsi_meet_prosody_key_url: "" is not a URL'),
        ({**PROSODY, "jitsi_meet_prosody_suite": "a b"}, 'jitsi_meet_prosody_suite: "a b" is not a release of Debian'),
        ({**PROSODY, "jitsi_meet_prosody_key_fingerprints": []}, "the list is empty"),
        ({"jitsi_meet_version": "newest"}, "jitsi_meet_version: 'newest' is not a version"),
        ({"jitsi_meet_jwt_package": "A"}, 'jitsi_meet_jwt_package: "A" is not a package name'),
        ({"jitsi_meet_trusted_proxies": ["a", "10.0.0.0/8", "b"]}, "jitsi_meet_trusted_proxies: 'a, b' is neither"),
        ({"jitsi_meet_bridge_addresses": ["b"]}, "jitsi_meet_bridge_addresses: each item of ['b']"),
        ({"jitsi_meet_videobridge_memory": -1}, "jitsi_meet_videobridge_memory: -1 is negative"),
        ({"jitsi_meet_minimum_disk": -5}, "jitsi_meet_minimum_disk: -5 is negative"),
        ({"jitsi_meet_accounts": [{"password": SECRET}]}, "jitsi_meet_accounts[0].name: the name is missing"),
        ({"jitsi_meet_accounts": [SECRET]}, "jitsi_meet_accounts[0]: the item is a str"),
        ({"jitsi_meet_accounts": SECRET}, "jitsi_meet_accounts: the value is a str"),
        ({"jitsi_meet_accounts": [{"name": "A", "password": SECRET}]}, "jitsi_meet_accounts[0].name: 'A'"),
        ({"jitsi_meet_accounts": [{"name": "a", "password": f"{SECRET}\n"}]}, "control characters"),
        ({**TOKENS, "jitsi_meet_jwt_app_id": "a/b"}, 'jitsi_meet_jwt_app_id: "a/b" is not valid'),
        ({**TOKENS, "jitsi_meet_jwt_app_secret": f"{SECRET}'"}, "jitsi_meet_jwt_app_secret: the secret is empty or"),
        ({**TOKENS, "jitsi_meet_jwt_issuers": ["a b"]}, 'jitsi_meet_jwt_issuers: each item of ["a b"]'),
        ({**TOKENS, "jitsi_meet_jwt_audiences": [""]}, 'jitsi_meet_jwt_audiences: each item of [""]'),
        ({"jitsi_meet_coturn": True, "jitsi_meet_turnserver": "yes"}, "cannot be combined"),
        (
            {"jitsi_meet_coturn": True, "jitsi_meet_version": "1.0.4335*"},
            "jitsi_meet_version: clients of '1.0.4335*' ask",
        ),
        ({"jitsi_meet_coturn": True, "jitsi_meet_coturn_port": 0}, "jitsi_meet_coturn_port: 0 is not a port"),
        ({"jitsi_meet_coturn": True, "jitsi_meet_coturn_tls_port": 70000}, "example 5349"),
        ({"jitsi_meet_coturn": True, "jitsi_meet_coturn_relay_ports": "80-90"}, '"80-90" is not a range of ports'),
        ({"jitsi_meet_coturn": True, "jitsi_meet_coturn_relay_ports": "5000-4000"}, "is not a range of ports"),
        ({"jitsi_meet_coturn": True, "jitsi_meet_coturn_certificate": "/a.crt"}, "belong together"),
        ({"jitsi_meet_coturn_certificate": "a.crt"}, 'jitsi_meet_coturn_certificate: "a.crt" is not an absolute path'),
        ({"jitsi_meet_bridge_selection_strategy": "SplitBridgeSelectionStrategy"}, "spreads a conference"),
        ({"jitsi_meet_bridge_selection_strategy": "VisitorSelectionStrategy"}, "stops jicofo"),
        ({"jitsi_meet_bridge_port": 65536}, "jitsi_meet_bridge_port: 65536 is not a port"),
        (
            {"jitsi_meet_hocon": [{"key": "videobridge.ice.udp.port", "value": 9}]},
            "jitsi_meet_hocon: videobridge.ice.udp.port sets the bridge port to 9 instead of 10000",
        ),
        ({"jitsi_meet_hocon": [{"key": "a..b", "value": 1}]}, "jitsi_meet_hocon, jitsi_meet_properties: a key"),
        ({"jitsi_meet_hold": None, "jitsi_meet_bridge_port": "many"}, "jitsi_meet_bridge_port"),
    ],
)
def test_wrong_values_of_jitsi_meet_are_named(changes, words):
    (problem,) = judged("jitsi_meet", **changes)
    assert words in problem
    assert SECRET not in problem


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nat_host_public_address": "host"}, "nat_host_public_address: 'host' is not an IPv4 address"),
        ({"nat_host_network": "192.168.122.1/24"}, "nat_host_network: '192.168.122.1/24' is not an IPv4 network"),
        (
            {"nat_host_forwards": [FORWARD, {**FORWARD, "to": "192.168.122.9"}]},
            "443 of nat_host_forwards[0]",
        ),
        (
            {"nat_host_forwards": [{**FORWARD, "to": "10.0.0.1"}]},
            "nat_host_forwards[0].to: 10.0.0.1 is not in",
        ),
        ({"nat_host_forwards": [{**FORWARD, "port": 0}]}, "'0'"),
        ({"nat_host_forwards": [{**FORWARD, "port": 65536}]}, "65536"),
        ({"nat_host_forwards": [{**FORWARD, "protocol": "sctp"}]}, "sctp"),
        ({"nat_host_forwards": [{"protocol": "tcp", "port": 443}]}, "nat_host_forwards[0].to: "),
        (
            {"nat_host_forwards": [{**FORWARD, "port": 22}]},
            "correct nat_host_ssh_port, or set nat_host_allow_ssh",
        ),
        ({"nat_host_network": "10.0.0.0/24"}, "or correct nat_host_network"),
        ({"nat_host_name": "a b"}, "nat_host_name: 'a b' is not a valid owner name"),
        ({"nat_host_forwards": [{**FORWARD, "port": 2222}], "nat_host_ssh_port": "2222"}, "the ssh port of this host"),
        ({"nat_host_forwards": "text"}, "nat_host_forwards: the value is a str"),
        ({"nat_host_forwards": ["text"]}, "nat_host_forwards[0]: the item is a str"),
    ],
)
def test_wrong_values_of_nat_host_are_named(changes, words):
    (problem,) = judged("nat_host", **changes)
    assert words in problem


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reverse_proxy_sites": [{**SITE, "name": "jenkins"}]}, "reverse_proxy_sites[0].name: 'jenkins' is not"),
        ({"reverse_proxy_sites": "a.example.org"}, "reverse_proxy_sites"),
        ({"reverse_proxy_sites": ["a.example.org"]}, "reverse_proxy_sites"),
        ({"reverse_proxy_certificate_directory": "ssl"}, "reverse_proxy_certificate_directory"),
        ({"reverse_proxy_acme_webroot": "www"}, "reverse_proxy_acme_webroot"),
        ({"reverse_proxy_participants": -1}, "reverse_proxy_participants: -1 is not between 0 and 10000"),
        ({"reverse_proxy_participants": 10001}, "reverse_proxy_participants: 10001"),
        (
            {**ACME, "reverse_proxy_acme_directory_url": "http://acme.test/"},
            "reverse_proxy_acme_directory_url: 'http://acme.test/' is not an https URL",
        ),
    ],
)
def test_wrong_values_of_reverse_proxy_are_named(changes, words):
    (problem,) = judged("reverse_proxy", **changes)
    assert words in problem


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"videobridge_fqdn": "meet"}, "videobridge_fqdn: 'meet' is not a fully qualified host name"),
        ({"videobridge_local_address": ""}, "videobridge_local_address of bridge2: '' is not an IPv4 address"),
        ({"videobridge_xmpp_address": "meet"}, "the address of the Jitsi machine"),
        ({"videobridge_public_addresses": ["b"]}, "videobridge_public_addresses of bridge2: ['b']"),
        ({"videobridge_port": 0}, "videobridge_port of bridge2: 0 is not a port"),
        ({"videobridge_xmpp_port": 65536}, "example 5222"),
        ({"videobridge_memory": -1}, "videobridge_memory of bridge2: -1 is negative"),
        ({"videobridge_hold": "perhaps"}, "videobridge_hold"),
        ({"videobridge_muc_nickname": "default-id"}, "is the name of the bridge on the Jitsi machine"),
        (
            {"videobridge_hocon": [{"key": "videobridge.websockets.server-id", "value": "a b"}]},
            "videobridge.websockets.server-id of bridge2: 'a b' cannot be part of a URL",
        ),
        ({"videobridge_jitsi_machine": BRIDGE}, "is not another host of the inventory than bridge2"),
        ({"videobridge_jitsi_machine": "other"}, "videobridge_jitsi_machine: 'other'"),
        (
            {"videobridge_properties": [{"key": "org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT", "value": 9}]},
            "on bridge2. Remove it there, and set videobridge_port",
        ),
    ],
)
def test_wrong_values_of_videobridge_are_named(changes, words):
    (problem,) = judged("videobridge", **changes)
    assert words in problem


def test_all_problems_are_named_at_once():
    found = judged("jitsi_meet", jitsi_meet_fqdn="Meet", jitsi_meet_bridge_port=0, jitsi_meet_minimum_memory=-1)
    assert [problem.partition(":")[0] for problem in found] == [
        "jitsi_meet_fqdn",
        "jitsi_meet_minimum_memory",
        "jitsi_meet_bridge_port",
    ]
