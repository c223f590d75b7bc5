"""The account is found where the bridge finds it, and no error text holds a secret."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.bridge.account import (
    account_of,
    domains_of,
    rooms_of,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError

DOMAIN = "auth.meet.example.org"


def entry(**changes):
    usual = {
        "HOSTNAME": "localhost",
        "DOMAIN": DOMAIN,
        "USERNAME": "jvb",
        "PASSWORD": "new#secret",
        "MUC_JIDS": "jvbbrewery@internal.auth.meet.example.org",
        "MUC_NICKNAME": "a",
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def properties(**changes):
    return {f"org.jitsi.videobridge.xmpp.user.shard.{name}": value for name, value in entry(**changes).items()}


def hocon(**entries):
    return {"videobridge": {"apis": {"xmpp-client": {"configs": entries}}}}


def test_account_of_jvb_conf():
    assert account_of({}, hocon(shard=entry()), DOMAIN) == {
        "username": "jvb",
        "password": "new#secret",
        "muc_jids": "jvbbrewery@internal.auth.meet.example.org",
    }


def test_complete_properties_hide_jvb_conf():
    found = account_of(properties(PASSWORD="old"), hocon(shard=entry()), DOMAIN)
    assert found["password"] == "old"


def test_incomplete_properties_do_not():
    found = account_of(properties(PASSWORD="old", MUC_NICKNAME=None), hocon(shard=entry()), DOMAIN)
    assert found["password"] == "new#secret"


def test_account_of_another_server_is_passed_over():
    both = hocon(a=entry(DOMAIN="auth.elsewhere.example.org", PASSWORD="other"), b=entry())
    assert account_of({}, both, DOMAIN)["password"] == "new#secret"


def test_names_are_read_in_any_case_and_the_domain_is_the_host_name_by_default():
    small = {name.lower(): value for name, value in entry(DOMAIN=None, HOSTNAME=DOMAIN.upper()).items()}
    assert account_of({}, hocon(shard=small), DOMAIN)["username"] == "jvb"


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ({}, "there is no other account either"),
        ({"videobridge": {"apis": "text"}}, "there is no other account either"),
        (hocon(shard=entry(MUC_JIDS=None)), "there is no other account either"),
        (hocon(shard=entry(DOMAIN="auth.elsewhere.example.org")), "only accounts for auth.elsewhere.example.org"),
    ],
)
def test_missing_account_is_named_without_secrets(configuration, words):
    with pytest.raises(CoreError) as error:
        account_of({}, configuration, DOMAIN)
    assert words in str(error.value)
    assert "new#secret" not in str(error.value)


def test_domains_are_those_of_the_accounts_that_count():
    found = hocon(shard=entry(DOMAIN="Auth.A.test"), mine=entry(DOMAIN="auth.b.test"), half=entry(MUC_NICKNAME=None))
    assert domains_of({}, found) == {"shard": "auth.a.test", "mine": "auth.b.test"}
    assert domains_of(properties(DOMAIN="auth.old.test"), found) == {"shard": "auth.old.test"}
    assert domains_of({}, {}) == {}


def test_rooms_are_those_of_the_accounts_that_count():
    rooms = ["jvbbrewery@internal.auth.meet.example.org/a"]
    assert rooms_of({}, hocon(shard=entry(), other=entry(MUC_NICKNAME=None))) == rooms
    assert rooms_of(properties(MUC_NICKNAME="old"), hocon(shard=entry())) == [rooms[0][:-1] + "old"]
    assert rooms_of({}, hocon(shard=entry(MUC_JIDS="a@b.test, c@d.test,"))) == ["a@b.test/a", "c@d.test/a"]
    assert rooms_of({}, {}) == []
