"""Accounts are compared by SCRAM's own rules, and nobody sees a password."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.accounts import (
    Account,
    decide,
    parse_accounts,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.record import (
    fits,
    folder_name,
    record_from,
)

#: RFC 5802, section 5: the user's password is "pencil".
RFC = {
    "salt": "A%\xc2G\xe4:\xb1\xe9<m\xffv",
    "iteration_count": "4096",
    "stored_key": "e9d94660c39d65c38fbad91c358f14da0eef2bd6",
}
WRITTEN = """return {
\t["iteration_count"] = 4096;
\t["salt"] = "A%\\194G\\228:\\177\\233<m\\255v";
\t["stored_key"] = "e9d94660c39d65c38fbad91c358f14da0eef2bd6";
\t["enabled"] = true;
};
"""


def test_record_is_read_as_prosody_wrote_it():
    assert record_from(WRITTEN) == RFC


def test_text_with_quotes_and_line_ends_is_read():
    assert record_from('return { ["password"] = "a\\"b\\\\c\\\nd\\9" }') == {"password": 'a"b\\c\nd\t'}


@pytest.mark.parametrize(("password", "right"), [("pencil", True), ("Pencil", False), ("pencil ", False), ("", False)])
def test_password_of_the_standards_own_example(password, right):
    assert fits(RFC, password) is right


def test_password_in_other_unicode_form_is_the_same():
    assert fits({**RFC, "salt": "s", "stored_key": key_of("Å")}, "A\u030a")


def test_password_that_prosody_spells_otherwise_is_the_same():
    stored = key_of("\u2764x")
    assert fits({"stored_key": stored, "salt": "s", "iteration_count": "4096"}, "\u2764\ufe0f\u00adx")


def key_of(password):
    """The stored key, step by step as the standard says."""
    import hashlib
    import hmac

    salted = hashlib.pbkdf2_hmac("sha1", password.encode(), b"s", 4096)
    return hashlib.sha1(hmac.new(salted, b"Client Key", "sha1").digest()).hexdigest()


def test_plain_record_is_compared_as_it_is():
    assert fits({"password": "a"}, "a")
    assert not fits({"password": "a"}, "b")


@pytest.mark.parametrize("record", [{}, {**RFC, "stored_key": "00"}, {"stored_key": "0" * 40}])
def test_record_of_another_kind_is_refused_with_the_remedy(record):
    with pytest.raises(CoreError, match="prosodyctl deluser"):
        decide({"ada": record}, [Account("ada", "secret")])


@pytest.mark.parametrize(("name", "encoded"), [("meet.a-b.test", "meet%2ea%2db%2etest"), ("å_1", "%c3%a5%5f1")])
def test_folders_have_prosodys_names(name, encoded):
    assert folder_name(name) == encoded


def test_what_differs_is_done_and_the_rest_left():
    wanted = [
        Account("new", "x"),
        Account("same", "pencil"),
        Account("other", "x"),
        Account("old", None),
        Account("gone", None),
    ]
    work = decide({"new": None, "same": RFC, "other": RFC, "old": RFC, "gone": None}, wanted)
    assert (work.created, work.updated, work.removed) == (("new",), ("other",), ("old",))
    assert work.changed
    assert not decide({"same": RFC}, [Account("same", "pencil")]).changed


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([{"name": "Ada", "password": "secret"}], "accounts[0].name: 'Ada' is not a valid account name"),
        ([{"name": "a@b", "password": "secret"}], "is not a valid account name"),
        ([{"name": "a b", "password": "secret"}], "is not a valid account name"),
        (
            [{"name": "\u00d6sterr", "state": "absent"}],
            "prosody writes '\u00d6sterr' as '\u00f6sterr'; use that spelling",
        ),
        ([{"name": "a\u05d0", "state": "absent"}], "is not a valid account name: it mixes letters"),
        ([{"name": "a", "password": "secret\ue000"}], "it contains a character that prosody does not allow"),
        ([{"name": "a", "password": "\u00ad"}], "prosody ignores all characters"),
        ([{"name": "", "password": "secret"}], "is not a valid account name"),
        ([{"name": "a"}], "is missing, empty or contains control characters"),
        ([{"name": "a", "password": ""}], "is missing, empty or contains control characters"),
        ([{"name": "a", "password": "secret\nsecret"}], "control characters"),
        (
            [{"name": "a", "password": "secret"}, {"name": "a", "state": "absent"}],
            "[1].name: duplicate name 'a'",
        ),
    ],
)
def test_wrong_account_is_named_without_its_password(items, words):
    with pytest.raises(CoreError) as error:
        parse_accounts(items)
    assert words in str(error.value)
    assert "secret" not in str(error.value)
