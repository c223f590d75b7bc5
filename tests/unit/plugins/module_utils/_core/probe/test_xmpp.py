# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an XMPP client sends, reads and reached."""

from __future__ import annotations

import base64
import re

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import bosh, sasl, stanzas
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.jingle import Candidate
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import ProbeError, check_request
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.xmpp import XmppSeen, judge_xmpp

REQUEST = {"name": "login", "kind": "xmpp", "url": "wss://meet.test/xmpp-websocket", "domain": "meet.test"}
ACCOUNT = {"username": "anna", "password": "s3cret"}
STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"


@pytest.mark.parametrize(
    ("change", "seen", "found", "remedy"),
    [
        ({}, XmppSeen(), "login as a guest", ""),
        (ACCOUNT, XmppSeen(), "login as anna", ""),
        ({"rooms": True}, XmppSeen(), "login as a guest, and rooms", ""),
        ({"conference": True}, XmppSeen(), "login as a guest, room with jicofo", ""),
        ({}, XmppSeen("connection", "connection refused"), "connection refused", "provider's firewall"),
        ({}, XmppSeen("stream", "404, body: Unknown host"), "stream: 404, body: Unknown host", "ProxyPreserveHost On"),
        ({}, XmppSeen("connection", "404, body: Not Found"), "404, body: Not Found", "no such location"),
        ({}, XmppSeen("connection", "503"), "503", "does not reach prosody"),
        ({}, XmppSeen("connection", "400, body: Bad"), "400, body: Bad", "upgrade=websocket"),
        ({}, XmppSeen("connection", "500"), "500", "/var/log/apache2/error.log"),
        (
            {},
            XmppSeen("connection", "certificate verify failed: certificate has expired"),
            "certificate verify failed: certificate has expired",
            "Renew the certificate",
        ),
        ({}, XmppSeen("stream", "host-unknown"), "stream: host-unknown", 'has VirtualHost "meet.test"'),
        (
            {"login_domain": "guest.meet.test"},
            XmppSeen("stream", "host-unknown"),
            "stream: host-unknown",
            'meet.test.cfg.lua has VirtualHost "guest.meet.test"',
        ),
        ({}, XmppSeen("login", "the server offers PLAIN", False), "login: the server offers PLAIN", "guests for acc"),
        ({}, XmppSeen("login", "not-allowed"), "login: not-allowed", "guests for accounts"),
        (ACCOUNT, XmppSeen("login", "not-authorized"), "login: not-authorized", "'prosodyctl passwd anna@meet.test'"),
        (ACCOUNT, XmppSeen("login", "it offers A", False), "login: it offers A", "The host admits no accounts"),
        (ACCOUNT, XmppSeen("login", "not s3cret"), "login: not ********", "prosodyctl"),
        (ACCOUNT, XmppSeen("login", "not s3cr…"), "login: not ********", "prosodyctl"),
        (ACCOUNT, XmppSeen("login", "500, AGFubmEAczNjcmV0"), "login: 500, ********", "prosodyctl"),
        (ACCOUNT, XmppSeen("login", "500, AGFubmEAcz…"), "login: 500, ********", "prosodyctl"),
        ({}, XmppSeen("session", "conflict"), "session: conflict", "journalctl -u prosody"),
        ({}, XmppSeen("room", "none"), "room: none", 'meet.test.cfg.lua has Component "conference.meet.test"'),
        ({}, XmppSeen("jicofo", "not in the room"), "jicofo: not in the room", "journalctl -u jicofo"),
        ({}, XmppSeen("jicofo", "not-authorized"), "jicofo: not-authorized", "Give the probe an account"),
        ({"bridge": True}, XmppSeen("bridge", "jicofo had none"), "bridge: jicofo had none", "rows about the bridges"),
    ],
)
def test_step_that_failed_is_named(change, seen, found, remedy):
    verdict = judge_xmpp({**REQUEST, **change}, seen)
    assert (verdict.ok, verdict.found) == (not seen.step, found)
    assert remedy in verdict.remedy and bool(remedy) == bool(verdict.remedy)
    assert judge_xmpp({**REQUEST, **change, "remedy": "Ask Anna"}, XmppSeen("room", "none")).remedy == "Ask Anna"


@pytest.mark.parametrize(
    ("wanted", "answering", "ok", "remedy"),
    [
        (None, 0, True, ""),
        (None, 1, True, ""),
        (None, None, False, "rows about the datagrams"),
        ("192.0.2.1", 1, True, ""),
        ("192.0.2.1", 0, False, "rows about the datagrams"),
        ("192.0.2.2", 0, False, "public address"),
    ],
)
def test_bridge_has_to_answer_at_the_expected_address(wanted, answering, ok, remedy):
    both = tuple(Candidate(one, 10000, "udp", "host") for one in ("10.0.0.1", "192.0.2.1"))
    seen = XmppSeen(candidates=both, answering=() if answering is None else (both[answering],))
    verdict = judge_xmpp({**REQUEST, "bridge": True, "media": True, "expect_address": wanted}, seen)
    assert verdict.ok == ok
    assert remedy in verdict.remedy
    assert verdict.found.endswith(", which does not answer") == ("datagrams" in remedy)
    assert [one["answers"] for one in verdict.row()["candidates"]] == [answering == 0, answering == 1]


@pytest.mark.parametrize(
    ("wanted", "addresses", "ok", "found"),
    [
        (None, ["10.0.0.1"], True, "bridge at 10.0.0.1:10000/udp"),
        (None, [], False, "bridge at no address"),
        ("192.0.2.1", ["10.0.0.1", "192.0.2.1"], True, "bridge at 10.0.0.1:10000/udp and 192.0.2.1:10000/udp"),
        ("192.0.2.1 192.0.2.2", ["192.0.2.2"], True, "bridge at 192.0.2.2:10000/udp"),
        ("192.0.2.1", ["10.0.0.1"], False, "bridge at 10.0.0.1:10000/udp"),
        ("192.0.2.1", [], False, "bridge at no address"),
    ],
)
def test_one_address_of_the_bridge_has_to_be_as_expected(wanted, addresses, ok, found):
    seen = XmppSeen(candidates=tuple(Candidate(one, 10000, "udp", "host") for one in addresses))
    verdict = judge_xmpp({**REQUEST, "bridge": True, "expect_address": wanted}, seen)
    assert (verdict.ok, verdict.found) == (ok, f"login as a guest, room with jicofo, {found}")
    assert ok or "public address" in verdict.remedy
    assert [one["address"] for one in verdict.row()["candidates"]] == addresses


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expect_address": "meet.test"}, "expect_address: 'meet.test' is not an IPv4 address"),
        ({"url": "ftp://a.test/"}, "url: scheme 'ftp' is not supported for kind xmpp"),
        ({"domain": ""}, "domain: no value, but kind xmpp requires one"),
        ({"username": "anna"}, "password: no value, but username has one"),
        ({"password": "s3cret"}, "username: no value, but password has one"),
        ({**ACCOUNT, "username": "anna@meet.test"}, "username: 'anna@meet.test' contains a domain"),
        ({**ACCOUNT, "url": "ws://meet.test/"}, "url: this URL is not encrypted"),
        ({**ACCOUNT, "url": "http://meet.test/"}, "url: this URL is not encrypted"),
    ],
)
def test_login_that_cannot_be_tried_is_refused(change, words):
    with pytest.raises(ProbeError, match=re.escape(f"probes[0].{words}")):
        check_request({**REQUEST, **change}, "probes[0]")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"<iq type='error'><query/><error><item-not-found {STANZAS}/></error></iq>", "item-not-found"),
        (f"<iq><error><text {STANZAS}>Off</text><forbidden {STANZAS}/></error></iq>", "forbidden: Off"),
        (f"<presence><error><text {STANZAS}> </text><conflict {STANZAS}/></error></presence>", "conflict"),
        ("<failure xmlns='urn:x'><not-authorized/></failure>", "not-authorized"),
        ("<stream:error><host-unknown xmlns='urn:x'/></stream:error>", "host-unknown"),
        ("<iq type='error'/>", "no reason"),
    ],
)
def test_refusal_is_read(text, words):
    assert str(stanzas.refusal(stanzas.parse(text))) == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<a>",
        "<a/><b/>",
        "text",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<?xml version='1.0'?><!DOCTYPE a><a/>",
        "</wrap><a/><wrap>",
    ],
)
def test_what_is_no_element_is_refused(text):
    with pytest.raises(ProbeError, match="the server sent no"):
        stanzas.parse(text)


def test_prefix_of_features_is_known():
    mechanism = "<mechanism> PLAIN </mechanism><mechanism>EXTERNAL</mechanism>"
    inner = f"<mechanisms xmlns='{stanzas.SASL}'>{mechanism}</mechanisms>"
    text = f"<?xml version='1.0'?><stream:features>{inner}</stream:features>"
    assert stanzas.mechanisms(stanzas.parse(text)) == ["PLAIN", "EXTERNAL"]


def encode(text):
    return base64.b64encode(text.encode()).decode()


def test_scram_is_that_of_its_standard():
    # RFC 5802, section 5
    login = sasl.Scram("user", "pencil", "fyko+d2lbbFgONRv9qkxdawL")
    assert login.first() == encode("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL")
    nonce = "fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j"
    answer = login.answer(encode(f"r={nonce},s=QSXCR+Q6sek8bf92,i=4096"))
    assert answer == encode(f"c=biws,r={nonce},p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
    assert login.is_proven(encode("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="))
    assert not login.is_proven(encode("v=rmF9pqV8S7suAoZWja4dJRkFsKA="))
    assert not sasl.Scram("user", "pencil", "a").is_proven(encode("v="))


@pytest.mark.parametrize(
    "challenge",
    [
        "r=other,s=QSXCR+Q6sek8bf92,i=4096",
        "r=nonce1,i=4096",
        "r=nonce1,s=QQ==,i=0",
        "r=nonce1,s=QQ==,i=99999999",
        "r=nonce1,s=QQ==,i=²",
        f"r=nonce1,s=QQ==,i={'9' * 5000}",
        "",
    ],
)
def test_challenge_that_is_none_is_refused(challenge):
    with pytest.raises(ProbeError, match="the server"):
        sasl.Scram("user", "pencil", "nonce").answer(base64.b64encode(challenge.encode()).decode())
    with pytest.raises(ProbeError, match="no valid challenge"):
        sasl.Scram("user", "pencil", "nonce").answer("ä?")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<body type='terminate' condition='host-unknown'/>", "host-unknown"),
        ("<body type='terminate'><stream:error><conflict xmlns='urn:x'/></stream:error></body>", "conflict"),
        ("<body type='terminate'/>", "the server ended the session"),
        ("<html/>", "the server sent no body of BOSH, but html"),
    ],
)
def test_body_that_ends_a_session_is_refused(text, words):
    with pytest.raises(ProbeError, match=f"^{words}$"):
        bosh.read(text)


def test_values_are_escaped():
    assert bosh.read(bosh.first_body(1, "a'b\"<c>", 3)).get("to") == "a'b\"<c>"
    assert stanzas.parse(stanzas.join("r@c/<n>", "")).get("to") == "r@c/<n>"
