# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a participant answers jicofo, and reads in its offer."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import jingle, stanzas

ICE = f"xmlns='{jingle.ICE}'"


def offer(*candidates, action="session-initiate"):
    transport = f"<transport {ICE}>{''.join(candidates)}</transport>"
    contents = f"<content name='audio'>{transport}</content><content name='video'>{transport}</content>"
    words = f"<jingle xmlns='{jingle.JINGLE}' action='{action}'>{contents}</jingle>"
    return stanzas.parse(f"<iq id='a' type='set' from='room@conference.meet.test/focus'>{words}</iq>")


def test_each_address_of_an_offer_is_read_once():
    udp = "<candidate ip='198.51.100.10' port='10000' protocol='udp' type='srflx'/>"
    six = "<candidate ip='2001:db8::1' port='10000' protocol='udp' type='host'/>"
    odd = "<candidate port='x'/>"
    found = jingle.read_offer(offer(udp, six, odd)).candidates
    assert [str(one) for one in found] == ["198.51.100.10:10000/udp", "[2001:db8::1]:10000/udp", ":0/"]
    assert found[0].row() == {"address": "198.51.100.10", "port": 10000, "protocol": "udp", "type": "srflx"}
    assert jingle.read_offer(offer()) == jingle.Offer((), "", "")
    assert jingle.read_offer(stanzas.parse("<iq/>")) == jingle.Offer((), "", "")


@pytest.mark.parametrize("port", ["70000", "-1", "²", "9" * 5000])
def test_port_that_is_none_is_0(port):
    (found,) = jingle.read_offer(offer(f"<candidate ip='198.51.100.10' port='{port}'/>")).candidates
    assert found.port == 0


def test_offer_has_a_most_of_what_a_server_says():
    many = [f"<candidate ip='198.51.100.10' port='{port}'/>" for port in range(1, 3000)]
    transport = f"<transport {ICE} ufrag='{'u' * 70000}' pwd='{'p' * 70000}'>{''.join(many)}</transport>"
    found = jingle.read_offer(stanzas.parse(f"<iq>{transport}</iq>"))
    assert len(found.candidates) == jingle.MOST_CANDIDATES
    assert (len(found.name), len(found.password)) == (jingle.LONGEST_NAME, jingle.LONGEST_NAME)


@pytest.mark.parametrize("gone", ["", " type='unavailable'"])
def test_whoever_has_left_is_not_inside(gone):
    user = f"<x xmlns='{stanzas.MUC_USER}'><item jid='focus@auth.meet.test/1'/><status code='110'/></x>"
    presence = stanzas.parse(f"<presence from='room@conference.meet.test/focus'{gone}>{user}</presence>")
    assert stanzas.is_focus(presence, "") is not bool(gone)
    assert stanzas.is_focus(presence, "focus@auth.meet.test") is not bool(gone)
    assert stanzas.is_own_presence(presence, "") is not bool(gone)


@pytest.mark.parametrize(
    ("question", "kind", "content"),
    [
        (f"<iq id='a' type='get' from='b'><query xmlns='{stanzas.DISCO}' node='n'/></iq>", "result", "query"),
        (f"<iq id='a' type='set' from='b'><query xmlns='{stanzas.DISCO}'/></iq>", "error", "error"),
        ("<iq id='a' type='get' from='b'><ping xmlns='urn:xmpp:ping'/></iq>", "error", "error"),
        ("<iq id='a' type='get' from='b'/>", "error", "error"),
    ],
)
def test_question_is_answered(question, kind, content):
    answer = stanzas.parse(jingle.reply(stanzas.parse(question)))
    assert (answer.get("id"), answer.get("type"), answer.get("to")) == ("a", kind, "b")
    assert stanzas.name_of(answer[0]) == content
    assert content == "error" or answer[0].get("node") == "n"


@pytest.mark.parametrize(("action", "kind"), [("session-initiate", "result"), ("source-add", "error")])
def test_only_an_offer_is_accepted(action, kind):
    element = offer(action=action)
    assert jingle.is_offer(element) == (kind == "result")
    assert stanzas.parse(jingle.reply(element)).get("type") == kind


def test_capabilities_are_those_of_the_answer():
    # jicofo asked at the first of these, compared the hash with the answer, and asked no more.
    assert stanzas.parse(jingle.capabilities()).get("ver") == "IZZHwY/rQTzsDDxOJpMsyA4odT0="


def test_jicofo_without_a_bridge_is_recognised():
    room = "<presence from='room@conference.meet.test/focus'>{}</presence>"
    none = f"<bridgeNotAvailable xmlns='{stanzas.FOCUS}'/>"
    assert jingle.lacks_bridge(stanzas.parse(room.format(none)))
    assert not jingle.lacks_bridge(stanzas.parse(room.format("")))
