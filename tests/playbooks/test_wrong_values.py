# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that end a line of a file, leave its quotes or contradict others: each role refuses them on the controller."""

from __future__ import annotations

import json

import pytest
from reports import report_of
from test_argument_types import RIGHT

URI, KEY, PATH = "https://packages.test", "A" * 40, "/srv/files"
SITE = {"name": "a.example.org", "backend": "http://192.168.122.9/"}
PROSODY = {"jitsi_meet_prosody_repository": True}
COTURN = {"jitsi_meet_coturn": True}
PORT = {"key": "videobridge.ice.udp.port", "value": 20000}
OLD_PORT = {"key": "org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT", "value": "20000"}

PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
PINNED = {**SITE, "backend": "https://192.168.122.9/", "backend_ca": PEM}
FOLDER = {"reverse_proxy_backend_directory": PATH}


def reads(path):
    """What another site has in place of a text."""
    return {"name": "b.example.org", "backend_ca": "", "backend_ca_file": path}


def role(name, variables, *words):
    return f"selfhosted.jitsi.{name}", variables, words


def jitsi(variables, *words):
    return role("jitsi_meet", variables, *words)


def proxy(variables, *words):
    return role("reverse_proxy", {"reverse_proxy_sites": [SITE], **variables}, *words)


def vhost(directives, *words):
    return role("reverse_proxy", {"reverse_proxy_sites": [{**SITE, "extra_directives": directives}]}, *words)


def bridge_id(name, *words):
    """A further bridge whose WebSockets are called so."""
    setting = {"key": "videobridge.websockets.server-id", "value": name}
    return role("videobridge", {"videobridge_hocon": [setting]}, *words)


#: The role, what its variables are, and what the message must say: what is wrong, and what to do.
WRONG = {
    "a second line for apt": jitsi({"jitsi_meet_apt_uri": f"{URI}\nTrusted: yes"}, "jitsi_meet_apt_uri: ", "line ends"),
    "an address with a final line end": jitsi({"jitsi_meet_apt_uri": f"{URI}\n"}, "is not a valid address for apt"),
    "an address in quotes": jitsi({"jitsi_meet_apt_uri": f'"{URI}"'}, "jitsi_meet_apt_uri: ", "Write for example"),
    "a key's address with a blank": jitsi({"jitsi_meet_apt_key_url": f"{URI}/a b"}, "jitsi_meet_apt_key_url: "),
    "a suite with a final line end": jitsi({"jitsi_meet_apt_suite": "stable/\n"}, "jitsi_meet_apt_suite: "),
    "a fingerprint with blanks": jitsi({"jitsi_meet_apt_key_fingerprints": ["AAAA AAAA"]}, "40 or 64 digits"),
    "a fingerprint with a line end": jitsi({"jitsi_meet_apt_key_fingerprints": [f"{KEY}\n"]}, "gpg --show-keys"),
    "prosody's address with a line end": jitsi(
        {**PROSODY, "jitsi_meet_prosody_uri": f"{URI}\n"}, "jitsi_meet_prosody_uri:", "not a URL"
    ),
    "prosody's key in quotes": jitsi(
        {**PROSODY, "jitsi_meet_prosody_key_url": f"'{URI}'"}, "jitsi_meet_prosody_key_url"
    ),
    "prosody's suite with a line end": jitsi(
        {**PROSODY, "jitsi_meet_prosody_suite": "trixie\n"}, "is not a release of Debian"
    ),
    "a version with a line end": jitsi({"jitsi_meet_version": "2.0\n"}, "is not a version of the package"),
    "a STUN server with a line end": jitsi({"jitsi_meet_stun_servers": ["a.test:3478\n"]}, "must be host:port"),
    "relay ports with a line end": jitsi(
        {**COTURN, "jitsi_meet_coturn_relay_ports": "49160-49200\n"}, "is not a range of ports"
    ),
    "a port for TLS that is none": jitsi(
        {**COTURN, "jitsi_meet_coturn_tls_port": 70000}, "a number from 1 to 65535", "70000 is not a port"
    ),
    "a certificate with a line end": jitsi(
        {**COTURN, "jitsi_meet_coturn_certificate": f"{PATH}\ncert=/b", "jitsi_meet_coturn_certificate_key": PATH},
        "jitsi_meet_coturn_certificate: ",
        "not an absolute path",
    ),
    "a key with a quote": jitsi(
        {**COTURN, "jitsi_meet_coturn_certificate": PATH, "jitsi_meet_coturn_certificate_key": f"{PATH}'"},
        "jitsi_meet_coturn_certificate_key: ",
    ),
    "a relative archive": jitsi({"jitsi_meet_archive": "backups"}, "jitsi_meet_archive: ", "not an absolute path"),
    "the root as archive": jitsi({"jitsi_meet_archive": "/"}, "jitsi_meet_archive: ", "/var/backups/jitsi-meet"),
    "a package with a blank": jitsi({"jitsi_meet_jwt_package": "a b"}, "is not a package name"),
    "a strategy that spreads": jitsi(
        {"jitsi_meet_bridge_selection_strategy": "SplitBridgeSelectionStrategy"},
        "jicofo.octo.enabled and videobridge.relay",
        "leave it empty",
    ),
    "a strategy by region": jitsi(
        {"jitsi_meet_bridge_selection_strategy": "RegionBasedBridgeSelectionStrategy"}, "spreads a conference"
    ),
    "a strategy of visitors": jitsi(
        {"jitsi_meet_bridge_selection_strategy": "VisitorSelectionStrategy"}, "stops jicofo", "visitor nodes"
    ),
    "a bridge's port of nothing": jitsi({"jitsi_meet_bridge_port": 0}, "0 is not a port", "for example 10000"),
    "a port that the forward does not follow": jitsi(
        {"jitsi_meet_hocon": [PORT]},
        "sets the bridge port to 20000",
        "set jitsi_meet_bridge_port",
    ),
    "a port by its old name": jitsi({"jitsi_meet_properties": [OLD_PORT]}, "sets the bridge port to"),
    "a port within a block": jitsi(
        {"jitsi_meet_hocon": [{"key": "videobridge.ice", "value": {"udp": {"port": 20000}}}]},
        "sets the bridge port to 20000",
    ),
    "a block that takes the port away": jitsi(
        {"jitsi_meet_bridge_port": 20000, "jitsi_meet_hocon": [{"key": "videobridge.ice", "value": {"tcp": {}}}]},
        "videobridge.ice sets the bridge port to 10000",
    ),
    "a further bridge's other port": role(
        "videobridge", {"videobridge_hocon": [PORT]}, "videobridge_hocon: ", "set videobridge_port"
    ),
    "a further bridge's relative archive": role(
        "videobridge", {"videobridge_archive": "../x"}, "videobridge_archive: "
    ),
    "a name of a bridge with a line end": role(
        "videobridge", {"videobridge_muc_nickname": "a\n"}, "not a valid nickname for jicofo"
    ),
    "a name that is no part of a URL": bridge_id("a/b", "'a/b' cannot be part of a URL"),
    "the parent folder as a name": role("videobridge", {"videobridge_muc_nickname": ".."}, "cannot be part of a URL"),
    "the name of the Jitsi machine's WebSockets": bridge_id(
        "default-id", "is the name of the bridge on the Jitsi machine"
    ),
    "WebSockets without a name": role(
        "videobridge",
        {"videobridge_hocon": [{"key": "videobridge.websockets", "value": {"enabled": True}}]},
        "videobridge.websockets.server-id of other: 'default-id'",
        "Set a unique name in videobridge_hocon",
    ),
    "a folder with a line end": proxy(
        {"reverse_proxy_certificate_directory": f"{PATH}\nLoadModule"},
        "reverse_proxy_certificate_directory: ",
        "absolute",
    ),
    "a relative folder": proxy({"reverse_proxy_backend_directory": "backends"}, "reverse_proxy_backend_directory: "),
    "the file of another site's backend": proxy(
        {"reverse_proxy_sites": [PINNED, {**PINNED, **reads("/srv/files/a.example.org.pem")}], **FOLDER},
        "reverse_proxy_sites['b.example.org'].backend_ca_file: ",
        "is the file of backend_ca of 'a.example.org'",
        "name another file",
    ),
    "a webroot with a quote": proxy({"reverse_proxy_acme_webroot": f'{PATH}"'}, "reverse_proxy_acme_webroot: "),
    "a directive for the whole server": vhost("ServerTokens Prod", "Apache allows ServerTokens only for", "remove it"),
    "another one in small letters": vhost("Header set A b\n  listen 8080", "listen", "conf-available"),
    "one that goes over two lines": vhost("MaxRequestWorkers \\\n 5", "MaxRequestWorkers"),
}
#: What looks alike and is right.
ALLOWED = {
    "a mirror's address": jitsi({"jitsi_meet_apt_uri": "mirror+https://packages.test:8443/jitsi"}),
    "no archive": jitsi({"jitsi_meet_archive": ""}),
    "the one strategy": jitsi({"jitsi_meet_bridge_selection_strategy": "SingleBridgeSelectionStrategy"}),
    "the same port twice": jitsi({"jitsi_meet_bridge_port": "20000", "jitsi_meet_hocon": [PORT]}),
    "a setting beside the port": jitsi({"jitsi_meet_hocon": [{"key": "videobridge.ice.tcp.enabled", "value": True}]}),
    "a name of a bridge's own": bridge_id("bridge-1.example.org"),
    "no WebSockets, whatever they are called": role(
        "videobridge",
        {"videobridge_hocon": [{"key": "videobridge.websockets", "value": {"enabled": False, "server-id": "a/b"}}]},
    ),
    "a file of one's own beside those of the role": proxy(
        {"reverse_proxy_sites": [PINNED, {**PINNED, **reads("/srv/files/b.example.org.pem")}], **FOLDER}
    ),
    "no webroot": proxy({"reverse_proxy_acme_webroot": ""}),
    "a value that looks like a directive": vhost("Header set X-Limit \\\n  Listen\nTimeout 9"),
}
CASES = {**WRONG, **ALLOWED}
TRY = [
    {
        "block": [
            {"ansible.builtin.include_role": {"name": "{{ case.role }}", "tasks_from": "preflight"}, "vars": variables}
        ],
        "rescue": [
            {"ansible.builtin.set_fact": {"found": "{{ found + [[case.name, ansible_failed_result | to_json]] }}"}}
        ],
        "when": f"case.name == {name!r}",
    }
    for name, (_role, variables, _words) in CASES.items()
]


@pytest.fixture(scope="module")
def refusals(tmp_path_factory):
    """What the preflights said to each case that they refused."""
    folder = tmp_path_factory.mktemp("values")
    for position, task in enumerate(TRY):
        (folder / f"{position}.yml").write_text(json.dumps([task]))
    tasks = [
        {
            "ansible.builtin.include_tasks": f"{position}.yml",
            "vars": {"case": {"name": name, "role": wanted}},
        }
        for position, (name, (wanted, _variables, _words)) in enumerate(CASES.items())
    ]
    play = {"hosts": "other", "vars": {**RIGHT, "found": []}, "tasks": tasks}
    return dict(report_of(folder, play, "found", inventory="other,machine,"))


@pytest.mark.parametrize("name", WRONG)
def test_wrong_value_is_refused(refusals, name):
    assert name in refusals, "it was accepted"
    said = json.loads(refusals[name])
    text = " ".join([str(said.get("msg")), *(str(one.get("msg")) for one in said.get("results", []))])
    for word in WRONG[name][2]:
        assert word in text
    assert "Traceback" not in text


@pytest.mark.parametrize("name", ALLOWED)
def test_what_only_looks_wrong_is_accepted(refusals, name):
    assert name not in refusals, refusals[name]
