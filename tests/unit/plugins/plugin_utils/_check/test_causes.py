# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first failed row on a packet's way explains the others, and explains nothing that works without it."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.backends import UNVERIFIED
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.causes import CAUSES, with_causes
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.prosody import REJECTED, UNTRUSTED
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.rows import Row
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.wanted import RUN

UDP = "-A PF-jitsi-DNAT -p udp -m udp --dport 10000 -j DNAT --to-destination 192.168.122.120"
RELAYS = "-A PF-jitsi-DNAT -p udp -m udp --dport 49160:49200 -j DNAT --to-destination 192.168.122.120"
JUMP = "-A PREROUTING -j PF-jitsi-DNAT"
FORWARDING, RULES = "host forwards IPv4", "host has the forwards of the inventory"
HTTP, ACME = "jitsi.test: http is sent to https", "jitsi.test: the proxy answers ACME"
PAGE, BOSH = "jitsi.test: the web page's settings", "jitsi.test: XMPP over BOSH"
SOCKET, OTHER = "jitsi.test: XMPP over WebSocket", "wiki.test: the first page"
COLIBRI = "jitsi.test: WebSockets of the bridge on meet"
FURTHER = "jitsi.test: WebSockets of the bridge on far"
ARRIVES, MEDIA = "udp/10000: reaches the host", "udp/10000: reaches the bridge"
FURTHER_MEDIA = "udp/10001: reaches the bridge on far"
RELAY = "udp/49160-49200: relayed packets arrive"
BACKEND = "jitsi.test: the backend 192.168.122.120:443 proves its identity"
WIKI_BACKEND = "wiki.test: the backend 192.168.122.110:443 proves its identity"
BRIDGE, FAR_BRIDGE = "jitsi-videobridge2 runs", "jitsi-videobridge2 runs on far"
MAPPING, BREWERY = "the bridge maps its address", "the bridge is where jicofo looks for it"
FAR_MAPPING = "the bridge on far maps its address"
FILES = "the bridge's files agree"
NGINX, PROSODY, JICOFO = "nginx runs", "prosody runs", "jicofo runs"
ANSWERS, TOLD = "jicofo answers", "prosody tells clients of the TURN server"
LASTS = "jitsi.test: the certificate lasts"

#: Every kind of row, by its subject and machine.
PLACES = {
    ("outside", "out"): (HTTP, ACME, PAGE, BOSH, SOCKET, OTHER, COLIBRI, FURTHER),
    ("datagrams", "out"): (ARRIVES, MEDIA, FURTHER_MEDIA),
    ("relay", "out"): (RELAY,),
    ("host", "host"): (FORWARDING, RULES),
    ("certificates", "proxy"): (LASTS,),
    ("backends", "proxy"): (BACKEND, WIKI_BACKEND),
    ("bridge", "meet"): (BRIDGE, MAPPING, BREWERY, FILES),
    ("bridge", "far"): (FAR_BRIDGE, FAR_MAPPING),
    ("services", "meet"): (NGINX, PROSODY, JICOFO, ANSWERS),
    ("announcement", "meet"): (TOLD,),
}
ALL = [(subject, machine, name) for (subject, machine), names in PLACES.items() for name in names]
#: There is no row of the host about the port of the further bridge, which has a public address of its own.
THROUGH_HOST = {HTTP, ACME, PAGE, BOSH, SOCKET, OTHER, COLIBRI, FURTHER, MEDIA, RELAY}


SILENCE, GATEWAY = "no answer within 10 s", "503 Service Unavailable"
LIBVIRT = "add rule ip libvirt_network PF-jitsi-FWD ip daddr 192.168.122.120 udp dport 10000 accept"


def causes(*failed, found="", answer=GATEWAY):
    """The causes of failed rows on a site that has every kind of row.

    :param found: what the host's rows found; ``answer`` is what all others found.
    """
    known = [
        Row(
            subject, machine, name, name not in failed, "", found if name in (FORWARDING, RULES) else answer, "", "", ""
        )
        for subject, machine, name in ALL
    ]
    return {row.name: row.cause for row in with_causes(known) if not row.ok}


@pytest.mark.parametrize(
    ("cause", "found", "explained"),
    [
        (FORWARDING, "net.ipv4.ip_forward = 0", THROUGH_HOST),
        (RULES, f"missing: {JUMP}", THROUGH_HOST),
        (RULES, f"missing: {JUMP}, {UDP}", THROUGH_HOST),
        (RULES, f"missing: {UDP} and 4 more", THROUGH_HOST),
        (RULES, f"missing: {UDP}", {MEDIA}),
        (RULES, f"missing: {RELAYS}, {UDP}", {MEDIA, RELAY}),
        (RULES, "missing: -A PF-jitsi-DNAT -p tcp --dport 80 -j DNAT", {HTTP, ACME}),
        (RULES, "udp port 10000 of 198.51.100.10 is forwarded elsewhere", {MEDIA}),
        (ARRIVES, "", {MEDIA}),
        (RULES, f"missing: {LIBVIRT}", {MEDIA}),
        (RULES, "missing: -A PF-jitsi-DNAT -p tcp -m tcp --dport 10000 -j DNAT", set()),
        (NGINX, "", {PAGE, BOSH, SOCKET, COLIBRI, FURTHER, BACKEND}),
        (BACKEND, "", {PAGE, BOSH, SOCKET, COLIBRI, FURTHER}),
        (WIKI_BACKEND, "", {OTHER}),
        (PROSODY, "", {BOSH, SOCKET, BREWERY, ANSWERS, TOLD}),
        (JICOFO, "", {ANSWERS}),
        (BRIDGE, "", {MAPPING, BREWERY, COLIBRI}),
        (FAR_BRIDGE, "", {FAR_MAPPING, FURTHER}),
    ],
)
def test_each_cause_explains_what_depends_on_it_and_nothing_else(cause, found, explained):
    for _subject, _machine, other in ALL:
        if other != cause:
            answer = SILENCE if cause in (FORWARDING, RULES, ARRIVES) else GATEWAY
            said = causes(cause, other, found=found, answer=answer)
            assert said[cause] in ("", other)
            # The other one may itself be the cause: nothing explains a row twice.
            if other in explained:
                assert said[other] == cause, other
            else:
                assert said[other] == "", other


def test_every_cause_is_the_cause_of_a_row_of_the_table():
    assert [cause.name for cause in CAUSES if not any(cause.is_of(row) for row in _rows())] == []


def test_the_first_cause_on_the_way_is_named():
    said = causes(FORWARDING, NGINX, BACKEND, PAGE, HTTP, answer=f"{SILENCE}, or 503")
    assert said == {FORWARDING: "", NGINX: "", BACKEND: NGINX, PAGE: FORWARDING, HTTP: FORWARDING}


def test_two_faults_are_both_named():
    said = causes(RULES, BRIDGE, MEDIA, MAPPING, BREWERY, found=f"missing: {UDP}", answer="did not arrive")
    assert said == {RULES: "", BRIDGE: "", MEDIA: RULES, MAPPING: BRIDGE, BREWERY: BRIDGE}


@pytest.mark.parametrize("name", [FILES, LASTS, WIKI_BACKEND])
def test_row_that_depends_on_nothing_has_no_cause(name):
    assert causes(*{FORWARDING, RULES, NGINX, PROSODY, BRIDGE, name})[name] == ""


@pytest.mark.parametrize("answer", [GATEWAY, "404 Not Found", "certificate has expired"])
def test_whoever_answers_is_not_behind_rules_that_block(answer):
    assert causes(RULES, PAGE, found=f"missing: {JUMP}", answer=answer)[PAGE] == ""


def test_backend_that_nobody_verifies_explains_nothing():
    said = causes(BACKEND, PAGE, answer=UNVERIFIED)
    assert said == {BACKEND: "", PAGE: ""}
    assert causes(WIKI_BACKEND, OTHER, answer=f"{UNVERIFIED} 503")[OTHER] == WIKI_BACKEND


def test_packet_that_one_machine_loses_is_not_lost_for_another():
    other = [
        Row("datagrams", "second", name, name == ARRIVES, "", "did not arrive", "", "", "") for name in (ARRIVES, MEDIA)
    ]
    rows = [Row("datagrams", "out", name, False, "", "did not arrive", "", "", "") for name in (ARRIVES, MEDIA)]
    assert [row.cause for row in with_causes([*rows, *other])] == ["", ARRIVES, "", ""]


JVB = "meet has the bridge's jvb.conf as wanted"
UNREAD = "jitsi-videobridge2 on meet has read its files"
PACKAGES, JAVA = "meet has its packages as wanted", "meet has Java's trust in prosody as wanted"
CLIENTS, SITES = "meet has the clients' config.js as wanted", "proxy has the sites of Apache as wanted"
ACCOUNTS = "meet has the accounts of its services in prosody as wanted"
ALONE = "in the room, but jicofo is not there"
LEADS = "jitsi.test: the name leads to the site"
PIN, NO_PORT = "/etc/apache2/backends/jitsi.test.pem", "nginx on meet does its work"
JICOFO_CONF = "meet has jicofo.conf as wanted"
APACHE, ADDRESS = "apache2 runs on proxy", "meet has its address"
WAY_OUT = "meet finds names and has a way out"
SENDS, LETS = "host sends udp/10000 to meet", "host lets tcp/443 from outside pass"
PROXYS, MASKS = "meet lets tcp/443 from the proxy pass", "host masquerades what its guests send out"
BROKEN = "apache2 can read its configuration on proxy"
HALF = "meet has no package half installed"
OTHERS = "a rule of another program: -A PREROUTING -p"
LOST = "no network device has 192.168.122.120"
SILENT = "login as a guest, room with jicofo, bridge at 198.51.100.10:10000/udp, which does not answer"
OVER_TCP = "the bridge listens on tcp/4443"
FIRST = "proxy was set up by selfhosted.jitsi.site"
PRIVACY = "no outside host is contacted"


def with_found(*told):
    """The causes of failed rows, each given as subject, machine, name and what it found."""
    rows = [Row(subject, machine, name, False, "", found, "", "", "") for subject, machine, name, found in told]
    return [row.cause for row in with_causes(rows)]


@pytest.mark.parametrize(
    ("cause", "other", "is_explained"),
    [
        (("wanted", "meet", JVB, ""), ("bridge", "meet", MAPPING, "no mapping"), True),
        (("wanted", "meet", JVB, ""), ("bridge", "meet", FILES, "they differ"), True),
        (("wanted", "meet", JVB, ""), ("outside", "out", COLIBRI, "404"), True),
        (("wanted", "meet", JVB, ""), ("conflicts", "", "the bridges keep out of each other's way", "a port"), True),
        (
            ("wanted", "meet", JVB, ""),
            ("privacy", "meet", PRIVACY, "s.test: a in /etc/jitsi/videobridge/jvb.conf"),
            True,
        ),
        (("wanted", "meet", JVB, ""), ("privacy", "meet", PRIVACY, "s.test: a in /etc/jitsi/meet/x-config.js"), False),
        (("wanted", "meet", JVB, ""), ("bridge", "meet", BRIDGE, "failed"), False),
        (("wanted", "meet", JVB, ""), ("bridge", "far", FAR_MAPPING, "no mapping"), False),
        (("wanted", "meet", JVB, ""), ("wanted", "meet", UNREAD, "older"), True),
        (("wanted", "meet", JVB, ""), ("wanted", "meet", "jicofo on meet has read its files", "older"), False),
        (("wanted", "meet", JICOFO_CONF, ""), ("wanted", "meet", "jicofo on meet has read its files", "older"), True),
        (("wanted", "proxy", SITES, ""), ("wanted", "proxy", "apache2 on proxy has read its files", "older"), True),
        (("wanted", "meet", UNREAD, ""), ("bridge", "meet", MAPPING, "no mapping"), True),
        (("bridge", "meet", BRIDGE, "failed"), ("outside", "out", SOCKET, "bridge: jicofo had none within 4 s"), True),
        (("bridge", "meet", BREWERY, ALONE), ("outside", "out", SOCKET, "bridge: jicofo had none within 4 s"), True),
        (("bridge", "meet", BREWERY, "not in the room"), ("outside", "out", SOCKET, "bridge: jicofo had none"), True),
        (("bridge", "meet", BREWERY, "not in the room"), ("outside", "out", SOCKET, "room: not-allowed"), False),
        (
            ("bridge", "meet", MAPPING, "no mapping"),
            ("outside", "out", SOCKET, "a guest, bridge at 10.0.0.1:1/udp"),
            True,
        ),
        (("bridge", "meet", MAPPING, "no mapping"), ("outside", "out", SOCKET, "bridge: jicofo had none"), False),
        (("bridge", "meet", MAPPING, "no mapping"), ("outside", "out", SOCKET, SILENT), False),
        (("datagrams", "out", MEDIA, "did not arrive"), ("outside", "out", SOCKET, SILENT), True),
        (
            ("datagrams", "out", MEDIA, "did not arrive"),
            ("outside", "out", SOCKET, "a guest, bridge at a:1/udp"),
            False,
        ),
        (("bridge", "meet", BRIDGE, "failed"), ("tcp", "meet", OVER_TCP, "it has no process"), True),
        (("bridge", "far", FAR_BRIDGE, "failed"), ("tcp", "meet", OVER_TCP, "it has no process"), False),
        (("wanted", "meet", JVB, ""), ("tcp", "meet", OVER_TCP, "it does not listen"), True),
        (("wanted", "meet", UNREAD, ""), ("bridge", "far", FAR_MAPPING, "no mapping"), False),
        (("wanted", "meet", "certbot on meet has read its files", ""), ("bridge", "meet", MAPPING, ""), False),
        (("host", "host", RULES, f"missing: {UDP}"), ("packets", "host", SENDS, "not translated"), True),
        (("host", "host", RULES, f"missing: {UDP}"), ("packets", "host", LETS, "dropped"), False),
        (("host", "host", RULES, f"missing: {UDP}"), ("packets", "meet", SENDS, "not translated"), False),
        (("host", "host", RULES, "missing: -A PF-jitsi-SNAT -j MASQUERADE"), ("packets", "host", MASKS, "no"), True),
        (("host", "host", RULES, f"{OTHERS} tcp --dport 443"), ("backends", "proxy", BACKEND, "no certificate"), True),
        (("host", "host", RULES, f"{OTHERS} tcp --dport 80"), ("backends", "proxy", BACKEND, "no certificate"), False),
        (("host", "host", RULES, f"missing: {JUMP}"), ("backends", "proxy", BACKEND, "no certificate"), False),
        (("host", "host", FORWARDING, ""), ("outside", "out", LEADS, "no answer within 4 s"), False),
        (("packets", "host", SENDS, ""), ("relay", "out", "udp/10000: relayed", "did not arrive"), True),
        (("packets", "host", SENDS, ""), ("outside", "out", PAGE, "404"), False),
        (("packets", "host", "host sends tcp/443 to p", ""), ("outside", "out", PAGE, "404"), True),
        (("packets", "host", LETS, ""), ("outside", "out", PAGE, SILENCE), True),
        (("packets", "host", LETS, ""), ("outside", "out", PAGE, "404"), False),
        (("packets", "host", LETS, ""), ("outside", "out", HTTP, SILENCE), False),
        (("packets", "host", LETS, ""), ("datagrams", "out", ARRIVES, "did not arrive"), False),
        (("packets", "meet", PROXYS, ""), ("outside", "out", PAGE, "503"), True),
        (("packets", "meet", PROXYS, ""), ("outside", "out", OTHER, "503"), False),
        (("packets", "host", MASKS, ""), ("condition", "meet", WAY_OUT, "no names"), True),
        (("packets", "host", MASKS, ""), ("condition", "meet", ADDRESS, "no"), False),
        (("condition", "proxy", BROKEN, "line 1"), ("condition", "proxy", APACHE, "failed"), True),
        (
            ("condition", "proxy", BROKEN, "line 1"),
            ("wanted", "proxy", "apache2 on proxy has read its files", ""),
            True,
        ),
        (("condition", "proxy", BROKEN, "line 1"), ("services", "meet", NGINX, "failed"), False),
        (("condition", "meet", HALF, "jicofo"), ("wanted", "meet", PACKAGES, "another release: jicofo"), True),
        (("condition", "meet", HALF, "jicofo"), ("wanted", "meet", CLIENTS, "it differs"), False),
        (("condition", "proxy", BROKEN, "error at 1"), ("workers", "proxy", "room", "apachectl: error at 1"), True),
        (("condition", "proxy", BROKEN, "error at 1"), ("workers", "proxy", "room", "384"), False),
        (("condition", "proxy", LASTS, ""), ("wanted", "proxy", SITES, "certificate of jitsi.test is missing"), True),
        (("condition", "proxy", LASTS, ""), ("wanted", "proxy", SITES, "/e/jitsi.test.conf is missing"), False),
        (("condition", "meet", LASTS, ""), ("wanted", "proxy", SITES, f"another certificate in {PIN}"), True),
        (("condition", "meet", LASTS, ""), ("wanted", "proxy", SITES, f"another certificate in {PIN}; more"), False),
        (("condition", "proxy", LASTS, ""), ("outside", "out", PAGE, "the certificate was refused: expired"), True),
        (("condition", "proxy", LASTS, ""), ("outside", "out", PAGE, "404"), False),
        (("condition", "proxy", LASTS, ""), ("outside", "out", OTHER, "the certificate was refused: expired"), False),
        (("condition", "proxy", APACHE, ""), ("outside", "out", PAGE, "connection refused"), True),
        (("condition", "proxy", APACHE, ""), ("wanted", "proxy", "apache2 on proxy has read its files", ""), True),
        (("condition", "proxy", APACHE, ""), ("datagrams", "out", MEDIA, "did not arrive"), False),
        (("condition", "meet", ADDRESS, LOST), ("backends", "proxy", BACKEND, "no answer"), True),
        (("condition", "meet", ADDRESS, LOST), ("backends", "proxy", WIKI_BACKEND, "no answer"), False),
        (("condition", "meet", ADDRESS, LOST), ("outside", "out", PAGE, SILENCE), True),
        (("condition", "meet", ADDRESS, ""), ("services", "meet", NGINX, "inactive"), False),
        (("condition", "meet", WAY_OUT, "the gateway is a"), ("outside", "out", PAGE, SILENCE), True),
        (("condition", "meet", WAY_OUT, "no name server answers"), ("outside", "out", PAGE, SILENCE), False),
        (("condition", "meet", WAY_OUT, ""), ("outside", "out", PAGE, "404"), False),
        (("wanted", "meet", PACKAGES, "another release: jicofo"), ("services", "meet", JICOFO, "not installed"), True),
        (("wanted", "meet", PACKAGES, "another release: jicofo"), ("services", "meet", JICOFO, "failed"), False),
        (
            ("wanted", "meet", PACKAGES, "another release: jicofo"),
            ("bridge", "far", FAR_BRIDGE, "not installed"),
            False,
        ),
        (("wanted", "meet", JAVA, ""), ("bridge", "meet", BREWERY, f"not in the room: {UNTRUSTED}"), True),
        (("wanted", "meet", JAVA, ""), ("bridge", "meet", BREWERY, "not in the room"), False),
        (("wanted", "meet", ACCOUNTS, ""), ("bridge", "meet", BREWERY, f"not in the room: {REJECTED}"), True),
        (("wanted", "meet", ACCOUNTS, ""), ("bridge", "far", BREWERY, ALONE), True),
        (("wanted", "meet", ACCOUNTS, ""), ("bridge", "meet", BREWERY, f"not in the room: {UNTRUSTED}"), False),
        (("wanted", "meet", CLIENTS, ""), ("outside", "out", PAGE, "200, syntax"), True),
        (("wanted", "meet", CLIENTS, ""), ("outside", "out", BOSH, "404"), False),
        (("wanted", "proxy", SITES, "/e/jitsi.test.conf is missing"), ("outside", "out", PAGE, "404"), True),
        (("wanted", "proxy", SITES, "/e/jitsi.test.conf is missing"), ("outside", "out", OTHER, "404"), False),
        (("wanted", "proxy", SITES, "000-a.conf answers for jitsi.test"), ("outside", "out", PAGE, "404"), True),
        (("wanted", "proxy", SITES, "a.conf answers for my-jitsi.test.org"), ("outside", "out", PAGE, "404"), False),
        (
            ("outside", "out", PAGE, "bosh is https://a.test/"),
            ("privacy", "meet", PRIVACY, "a.test: x-config.js"),
            True,
        ),
        (
            ("outside", "out", PAGE, "bosh is https://a.test/"),
            ("privacy", "meet", PRIVACY, "a.test, b.test: x-config.js"),
            False,
        ),
        (
            ("outside", "out", PAGE, "bosh is https://a.test/"),
            ("privacy", "meet", PRIVACY, "b.test: x-config.js"),
            False,
        ),
        (("services", "meet", NGINX, ""), ("wanted", "meet", "nginx on meet does its work", "no port"), True),
        (("services", "meet", NGINX, ""), ("wanted", "far", "nginx on far does its work", "no port"), False),
    ],
)
def test_part_that_differs_explains_what_it_governs(cause, other, is_explained):
    assert with_found(cause, other) == ["", cause[2] if is_explained else ""]


def first_run(*told):
    """The causes of failed rows on machines that no run has set up, each with its remedy."""
    rows = [Row("wanted", "proxy", FIRST, False, "", "none", RUN, "", "")]
    rows += [Row(*words[:3], False, "", words[3], words[4], "", "") for words in told]
    return [row.cause for row in with_causes(rows)][1:]


def test_first_run_explains_what_it_would_write_and_nothing_else():
    missing = "/etc/ssl/selfhosted/jitsi.test.crt: there is no such file"
    assert first_run(
        ("wanted", "proxy", "proxy has its files as wanted", "missing", RUN),
        ("workers", "proxy", "proxy holds the WebSockets of 100 people", "room for 150", RUN),
        ("condition", "proxy", LASTS, missing, RUN),
    ) == [FIRST, FIRST, FIRST]
    assert first_run(
        ("wanted", "meet", PACKAGES, "missing", RUN),
        ("wanted", "proxy", SITES, "a.conf already uses one of these names", "Correct what the message names"),
        ("condition", "proxy", LASTS, "it ends in 3 days", RUN),
        ("condition", "proxy", "proxy has room on its disks", "full", "free space there"),
        ("host", "proxy", RULES, "missing: all", RUN),
    ) == ["", "", "", "", ""]


def test_certificate_does_not_explain_a_proxy_that_verifies_nothing():
    lasts, backend = ("condition", "proxy", LASTS, "expired"), ("backends", "proxy", BACKEND, UNVERIFIED)
    assert with_found(lasts, backend) == ["", ""]
    assert with_found(("wanted", "proxy", SITES, "/e/jitsi.test.conf is in use"), backend) == ["", SITES]


def test_rule_explains_the_backend_that_it_reaches():
    page, host = ("outside", "out", PAGE, "503"), ("host", "host", FORWARDING, "net.ipv4.ip_forward = 1")
    silent = [("backends", "proxy", name, "no certificate") for name in (BACKEND, WIKI_BACKEND)]
    expired = ("backends", "proxy", BACKEND, "certificate has expired")
    at_jitsi = ("packets", "meet", PROXYS, "dropped")
    assert with_found(at_jitsi, page, *silent)[1:] == [PROXYS, PROXYS, ""]
    assert with_found(at_jitsi, page, expired)[2] == ""
    at_host = ("packets", "host", LETS, "dropped")
    assert with_found(at_host, host, *silent)[2:] == [LETS, LETS]
    assert with_found(("packets", "proxy", LETS.replace("host", "proxy"), ""), host, silent[0])[2] == ""
    assert with_found(("packets", "host", "host lets tcp/80 from outside pass", ""), host, silent[0])[2] == ""


def test_nginx_that_serves_no_site_explains_what_the_proxy_says():
    silent, page = ("backends", "proxy", BACKEND, "no answer (Connection refused)"), ("outside", "out", PAGE, "503")
    assert with_found(("wanted", "meet", NO_PORT, "no port"), silent, page) == ["", NO_PORT, NO_PORT]


def test_address_that_is_lost_explains_the_sites_behind_it():
    lost, backend = ("condition", "meet", ADDRESS, LOST), ("backends", "proxy", BACKEND, "no answer")
    told = with_found(lost, backend, ("outside", "out", PAGE, "503"), ("outside", "out", OTHER, "503"))
    assert told == ["", ADDRESS, ADDRESS, ""]


@pytest.mark.parametrize(
    ("found", "is_explained"),
    [("503", True), ("stream: host-unknown", True), ("200, body: It works", False), ("stream: 404", False)],
)
def test_prosody_explains_what_it_answers(found, is_explained):
    cause = PROSODY if is_explained else ""
    assert with_found(("services", "meet", PROSODY, "failed"), ("outside", "out", SOCKET, found)) == ["", cause]


def test_certificate_with_its_path_explains_the_same():
    named = "jitsi.test (/etc/jitsi/meet/jitsi.test.crt): the certificate lasts"
    expired = ("backends", "proxy", BACKEND, "certificate has expired")
    assert with_found(("condition", "meet", named, "expired"), expired) == ["", named]


def test_first_silent_row_of_a_port_explains_the_later_ones():
    told = [("outside", "out", name, SILENCE) for name in (HTTP, ACME, PAGE, BOSH)]
    assert with_found(*told) == ["", HTTP, "", PAGE]
    assert with_found(("outside", "out", PAGE, "404"), told[3]) == ["", ""]
    assert with_found(told[2], ("outside", "second", BOSH, SILENCE)) == ["", ""]


def test_clients_that_end_with_the_same_words_are_one_finding():
    words = "login: the server offers PLAIN, not ANONYMOUS"
    assert with_found(("outside", "out", BOSH, words), ("outside", "out", SOCKET, words)) == ["", BOSH]
    assert with_found(("outside", "out", BOSH, words), ("outside", "out", SOCKET, "room: no")) == ["", ""]


def test_jicofo_that_does_not_run_explains_who_waits_for_it():
    down = ("services", "meet", JICOFO, "inactive")
    assert with_found(down, ("outside", "out", SOCKET, "jicofo: no answer within 4 s")) == ["", JICOFO]
    assert with_found(down, ("outside", "out", SOCKET, "room: no")) == ["", ""]


def test_jicofo_that_cannot_log_in_is_one_finding():
    first = ("bridge", "meet", BREWERY, ALONE)
    told = [
        first,
        ("bridge", "far", "the bridge on far is where jicofo looks for it", ALONE),
        ("services", "meet", "jicofo calls itself healthy", "500"),
        ("outside", "out", SOCKET, "jicofo: no answer within 4 s"),
        ("services", "meet", PROSODY, "failed"),
    ]
    assert with_found(*told[:4]) == ["", BREWERY, BREWERY, BREWERY]
    assert with_found(first, ("services", "meet", JICOFO, "failed"))[::-1] == ["", JICOFO]
    assert with_found(("bridge", "meet", BREWERY, "not in the room"), told[2]) == ["", ""]


def _rows():
    wanted = [
        ("wanted", "meet", name)
        for name in (PACKAGES, SITES, CLIENTS, JVB, JICOFO_CONF, JAVA, ACCOUNTS, UNREAD, NO_PORT)
    ]
    wanted += [("wanted", "proxy", FIRST)]
    wanted += [("packets", "host", name) for name in (SENDS, LETS, MASKS)]
    wanted += [("condition", "meet", name) for name in (BROKEN, HALF, APACHE, ADDRESS, WAY_OUT, LASTS)]
    return [Row(subject, machine, name, False, "", "", "", "", "") for subject, machine, name in ALL + wanted]
