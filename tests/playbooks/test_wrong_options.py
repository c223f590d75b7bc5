# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong options and wrong further bridges fail before the first change, and no secret is shown."""

from __future__ import annotations

import shutil

import pytest
import yaml
from test_wrong_inventory import EXAMPLE, forward, play, run

SECRET = "do-not-show-me"
TOKENS = {
    "jitsi_meet_authentication": "jwt",
    "jitsi_meet_jwt_app_id": "rooms",
    "jitsi_meet_jwt_app_secret": SECRET,
}
WRONG = {
    "account in capitals": (
        {"jitsi_meet_authentication": "internal", "jitsi_meet_accounts": [{"name": "Ada", "password": SECRET}]},
        ["'Ada'", "in lower case"],
    ),
    "account without a password": (
        {"jitsi_meet_accounts": [{"name": "ada"}]},
        ["accounts[0].password: the password of 'ada' is missing"],
    ),
    "account that is there twice": (
        {"jitsi_meet_accounts": [{"name": "ada", "password": SECRET}, {"name": "ada", "state": "absent"}]},
        ["accounts[1].name: duplicate name 'ada'"],
    ),
    "token without a name": (
        {**TOKENS, "jitsi_meet_jwt_app_id": ""},
        ['jitsi_meet_jwt_app_id: "" is not valid', "Set it to letters"],
    ),
    "token without a secret": (
        {**TOKENS, "jitsi_meet_jwt_app_secret": ""},
        ["jitsi_meet_jwt_app_secret: the secret is empty", "Set it to letters"],
    ),
    "secret with a quote": (
        {**TOKENS, "jitsi_meet_jwt_app_secret": f'{SECRET}"'},
        ["jitsi_meet_jwt_app_secret: the secret", "without blanks, quotes"],
    ),
    "secret with a line end": (
        {**TOKENS, "jitsi_meet_jwt_app_secret": f"{SECRET}\n"},
        ["jitsi_meet_jwt_app_secret: the secret", "line ends"],
    ),
    "token's name with a slash": (
        {**TOKENS, "jitsi_meet_jwt_app_id": "rooms/1"},
        ['jitsi_meet_jwt_app_id: "rooms/1" is not valid'],
    ),
    "issuer with quotes": (
        {**TOKENS, "jitsi_meet_jwt_issuers": ["portal", 'the "other"']},
        ["jitsi_meet_jwt_issuers: each item of", "Write for example my_app"],
    ),
    "audience without a name": (
        {**TOKENS, "jitsi_meet_jwt_audiences": [""]},
        ['jitsi_meet_jwt_audiences: each item of [""]'],
    ),
    "authentication that does not exist": (
        {"jitsi_meet_authentication": "ldap"},
        ["jitsi_meet_authentication", "none, internal, jwt"],
    ),
    "relay ports that are no range": (
        {"jitsi_meet_coturn": True, "jitsi_meet_coturn_relay_ports": "49160"},
        ['jitsi_meet_coturn_relay_ports: "49160" is not a range', "example 49160-49200"],
    ),
    "relay ports backwards": (
        {"jitsi_meet_coturn": True, "jitsi_meet_coturn_relay_ports": "49200-49160"},
        ["the range 49200-49160 ends before it begins"],
    ),
    "relay over the bridge's port": (
        {"jitsi_meet_coturn": True, "jitsi_meet_coturn_relay_ports": "9000-11000"},
        ["nat_host_forwards[", "9000-11000"],
    ),
    "two TURN servers": (
        {"jitsi_meet_coturn": True, "jitsi_meet_turnserver": True},
        ["jitsi_meet_turnserver: true cannot be combined with jitsi_meet_coturn: true"],
    ),
    "certificate without its key": (
        {"jitsi_meet_coturn": True, "jitsi_meet_coturn_certificate": "/etc/a.crt"},
        ['jitsi_meet_coturn_certificate_key: "" belong together'],
    ),
    "version with an equals sign": (
        {"jitsi_meet_version": "jitsi-meet=2.0.11146-1"},
        ["jitsi_meet_version: 'jitsi-meet=2.0.11146-1'", "Write a version like 2.0.11146-1"],
    ),
    "prosody's repository without a key": (
        {"jitsi_meet_prosody_repository": True, "jitsi_meet_prosody_key_fingerprints": []},
        ["jitsi_meet_prosody_key_fingerprints: the list is empty", "Add the fingerprint"],
    ),
    "suite of prosody that is flat": (
        {"jitsi_meet_prosody_repository": True, "jitsi_meet_prosody_suite": "stable/"},
        ['jitsi_meet_prosody_suite: "stable/" is not a release'],
    ),
    "bridge that is a name": (
        {"jitsi_meet_bridge_addresses": ["bridge1"]},
        ["jitsi_meet_bridge_addresses: each item of ['bridge1']", "List the addresses"],
    ),
    "less than nobody in conferences": (
        {"reverse_proxy_participants": -1},
        ["reverse_proxy_participants: -1 is not between 0 and 10000"],
    ),
    "more people than an Apache holds": (
        {"reverse_proxy_participants": 10001},
        ["reverse_proxy_participants: 10001 is not between", "number of simultaneous participants"],
    ),
    "words for a number of people": (
        {"reverse_proxy_participants": "many"},
        ["reverse_proxy_participants"],
    ),
}
SERVER_ID = [{"key": "videobridge.websockets.server-id", "value": "bridge1"}]
BRIDGES = {
    "neither present nor absent": (
        {"videobridge_local_address": "192.168.122.121", "videobridge_state": "gone"},
        {},
        ["value of videobridge_state must be one of: present, absent, got: gone"],
    ),
    "no address": ({}, {}, ["videobridge_local_address of bridge1: ''", "Set it to the address"]),
    "address outside the network": ({"videobridge_local_address": "10.0.0.1"}, {}, ["10.0.0.1 is not in the network"]),
    "port of the Jitsi machine's bridge": (
        {"videobridge_local_address": "192.168.122.121", "videobridge_port": 10000},
        {},
        ["nat_host_forwards[", "udp port 10000"],
    ),
    "port that the inventory sends elsewhere": (
        {"videobridge_local_address": "192.168.122.121"},
        {"nat_host_forwards": [forward(10001, "udp")]},
        ["nat_host_forwards[", "udp port 10001"],
    ),
    "port that is none": (
        {
            "videobridge_local_address": "192.168.122.121",
            "videobridge_public_addresses": ["198.51.100.11"],
            "videobridge_port": 0,
        },
        {},
        ["videobridge_port of bridge1: 0 is not a port"],
    ),
    "name in URLs that the Jitsi machine's bridge has": (
        {"videobridge_local_address": "192.168.122.121"},
        {"jitsi_meet_hocon": SERVER_ID},
        [
            "and bridge1 both claim WebSockets below /colibri-ws/bridge1/",
            "set videobridge.websockets.server-id, give each another value",
        ],
    ),
    "itself as the Jitsi machine": (
        {"videobridge_local_address": "192.168.122.121", "videobridge_jitsi_machine": "bridge1"},
        {},
        ["videobridge_jitsi_machine: 'bridge1'", "needs no role"],
    ),
}


def refused(code, output, words):
    said = " ".join(output.split())
    assert code != 0, output
    for word in words:
        assert word in said, f"{word!r} is not in the output:\n{output}"
    assert SECRET not in said


@pytest.mark.parametrize("case", WRONG)
def test_wrong_option_is_refused(tmp_path, case):
    changes, words = WRONG[case]
    refused(*play(tmp_path, "selfhosted.jitsi.preflight", changes), words)


def with_bridge(folder, said, changes, **others):
    """The example inventory with a further bridge, and with others; (exit code, output) of the preflight."""
    inventory = folder / "inventory"
    shutil.copytree(EXAMPLE, inventory)
    facts = {**yaml.safe_load((inventory / "group_vars" / "all.yml").read_text()), **changes}
    (inventory / "group_vars" / "all.yml").write_text(yaml.safe_dump(facts))
    bridges = {"all": {"children": {"videobridge": {"hosts": {"bridge1": said, **others}}}}}
    (inventory / "bridges.yml").write_text(yaml.safe_dump(bridges))
    return run(inventory, "selfhosted.jitsi.preflight")


@pytest.mark.parametrize("case", BRIDGES)
def test_wrong_bridge_is_refused(tmp_path, case):
    said, changes, words = BRIDGES[case]
    refused(*with_bridge(tmp_path, said, changes), words)


def test_two_further_bridges_of_one_name_are_refused(tmp_path):
    one = {"videobridge_local_address": "192.168.122.121", "videobridge_muc_nickname": "twin"}
    other = {"videobridge_local_address": "192.168.122.122", "videobridge_muc_nickname": "twin"}
    words = ["bridge1 and bridge2 both claim WebSockets below /colibri-ws/twin/", "another videobridge_muc_nickname"]
    refused(*with_bridge(tmp_path, one, {}, bridge2=other), words)


def test_bridges_of_one_name_that_have_no_websockets_are_not_asked_for_another(tmp_path):
    off = {"videobridge_hocon": [{"key": "videobridge.websockets.enabled", "value": False}]}
    one = {"videobridge_local_address": "192.168.122.121", **off, "videobridge_muc_nickname": "twin"}
    other = {"videobridge_local_address": "192.168.122.122", "videobridge_muc_nickname": "twin"}
    code, output = with_bridge(tmp_path, one, {}, bridge2=other)
    assert code == 0, output


def test_address_alone_is_enough_for_a_bridge(tmp_path):
    code, output = with_bridge(tmp_path, {"videobridge_local_address": "192.168.122.121"}, {})
    assert code == 0, output


def test_bridge_that_shall_be_absent_needs_no_address(tmp_path):
    code, output = with_bridge(tmp_path, {"videobridge_state": "absent"}, {})
    assert code == 0, output


def test_wrong_bridge_ends_the_run_also_where_machines_do_not_wait_for_one_another(tmp_path, monkeypatch):
    monkeypatch.setenv("ANSIBLE_STRATEGY", "free")
    right = {"videobridge_local_address": "192.168.122.121"}
    wrong = {"videobridge_local_address": "192.168.122.122", "videobridge_hold": "perhaps"}
    code, output = with_bridge(tmp_path, wrong, {}, bridge2=right)
    refused(code, output, ["videobridge_hold", "perhaps"])
    assert "PLAY [Assert that the proxy's variables are valid]" not in output, output
