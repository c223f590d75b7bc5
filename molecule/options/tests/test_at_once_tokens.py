"""A site that was installed with tokens at once: real prosody answers, by the lab's stand-ins of Jitsi's plugins."""

from __future__ import annotations

import time

import pytest
from tokens import SECRET, claims, token
from ways import FILE, FORGETFUL, client_configuration, effective, found_in, jicofo

NOW = int(time.time())
#: What is wrong with a token, and what prosody says of it.
REFUSED = {
    "expired": ({"exp": NOW - 60}, "Not acceptable by exp"),
    "not yet good": ({"nbf": NOW + 3600}, "Not acceptable by nbf"),
    "of a stranger": ({"iss": "stranger"}, "invalid &apos;iss&apos; claim"),
    "of the application, which does not issue here": ({"iss": "rooms"}, "invalid &apos;iss&apos; claim"),
    "for somebody else": ({"aud": "elsewhere"}, "invalid &apos;aud&apos; claim"),
    "for nobody": ({"aud": None}, "&apos;aud&apos; claim is missing"),
    "for no room": ({"room": None}, "room claim is missing"),
}
#: Tokens that are wrong in themselves.
BROKEN = {
    "none": (None, "token required"),
    "signed with another key": (token(SECRET + "x", claims()), "Invalid signature"),
    "signed with no key": (token("", claims(), algorithm="none"), "Invalid or incorrect alg"),
    "not even one": ("token", "Invalid token"),
}
GOOD = {"this room": {}, "every room": {"room": "*", "sub": "*"}}
ELSEWHERE = {
    "another room": ({"room": "cellar"}, "Room and token mismatched"),
    "another site": ({"sub": "other.test"}, "Domain and token mismatched"),
}


@pytest.fixture(scope="module")
def answers(logins, focus):
    signed = {**GOOD, **{name: wrong[0] for name, wrong in {**REFUSED, **ELSEWHERE}.items()}}
    tokens = {name: token(SECRET, claims(**changes)) for name, changes in signed.items()}
    return logins.visits({**tokens, **{name: broken[0] for name, broken in BROKEN.items()}}, focus)


def test_jicofo_opens_the_room(answers):
    assert answers["focus"] == ["success", "joined"]


@pytest.mark.parametrize("name", GOOD)
def test_good_token_opens_the_room(answers, name):
    assert answers[name] == ["success", "joined"]


@pytest.mark.parametrize("name", {**REFUSED, **BROKEN})
def test_bad_token_is_refused(answers, name):
    words = {**REFUSED, **BROKEN}[name][1]
    login, room = answers[name]
    assert "<failure " in login
    assert f"<text>{words}" in login
    assert room == ""


@pytest.mark.parametrize("name", ELSEWHERE)
def test_token_for_elsewhere_does_not_open_this_room(answers, name):
    login, room = answers[name]
    assert login == "success"
    assert "<not-allowed " in room
    assert ELSEWHERE[name][1] in room


def test_clients_without_websockets_need_a_token_too(logins):
    assert logins.over_bosh(token(SECRET, claims())) == "success"
    assert "Invalid signature" in logins.over_bosh(token("another", claims()))
    assert "token required" in logins.over_bosh(None)


def test_there_are_no_guests(internet, jitsi, logins):
    assert "host-unknown" in logins.anonymous("guest.jitsi.test")
    assert "anonymousdomain = " not in client_configuration(internet)
    assert jicofo(jitsi, "enabled") == ""


def test_accounts_do_not_count(logins):
    assert "invalid-mechanism" in logins.account("ada", 'pass word #1 "quoted" ä')


def test_prosody_has_what_was_asked_for(jitsi):
    found = effective(jitsi)
    assert found.pop("modules_enabled") == "token_verification"
    assert found == {
        "authentication": "token",
        "app_id": "rooms",
        "app_secret": SECRET,
        "asap_accepted_issuers": "portal",
        "asap_accepted_audiences": "jitsi",
        "storage": FORGETFUL,
    }


def test_secret_is_kept_from_others(jitsi):
    assert found_in(jitsi, SECRET) == [FILE]
    assert jitsi.file(FILE).mode == 0o640
    assert jitsi.run(f"runuser -u nobody -- cat {FILE}").rc != 0
