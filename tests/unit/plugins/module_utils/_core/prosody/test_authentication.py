# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who can open rooms, by prosody's files."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.authentication import authentication

GLOBAL = 'authentication = "internal_hashed"\n'
SITE = """VirtualHost "meet.example.org"
    -- authentication = "cyrus"
    authentication = "{}"
    app_id="mine"
    app_secret = "hush"
    asap_accepted_issuers = {{ "a", 'b' }}
VirtualHost "guest.meet.example.org"
    authentication = "anonymous"
Component "conference.meet.example.org" "muc"
    modules_enabled = {{ "authentication" }}
"""


@pytest.mark.parametrize("method", ["anonymous", "token", "internal_plain"])
def test_host_says_its_own(method):
    found = authentication([GLOBAL, SITE.format(method)], "meet.example.org")
    assert (found.method, found.guests) == (method, ("guest.meet.example.org",))
    assert (found.app_id, found.issuers, found.audiences) == ("mine", ("a", "b"), ())
    assert "hush" not in str(found)


def test_without_a_word_of_its_own_the_global_one_counts():
    assert authentication([GLOBAL], "meet.example.org").method == "internal_hashed"
    assert authentication([], "meet.example.org").method == ""


def test_later_file_wins():
    again = 'VirtualHost "meet.example.org"\n authentication = "token"\n'
    assert authentication([SITE.format("anonymous"), again], "meet.example.org").method == "token"


@pytest.mark.parametrize(
    ("value", "method"),
    [
        ("[[internal_hashed]]", "internal_hashed"),
        ("[==[\ntoken]==]", "token"),
        ("'token'", "token"),
        ("token", None),
        ("ENV_KIND or 'token'", None),
        ("'to' .. 'ken'", None),
        ("'to\\107en'", None),
        ("", None),
    ],
)
def test_computed_method_is_none_and_not_that_of_all(value, method):
    text = f"{GLOBAL}VirtualHost [[meet.example.org]]\nauthentication = {value}\n"
    assert authentication([text], "meet.example.org").method == method


def test_computed_settings_of_tokens_are_none():
    text = 'app_id = os.getenv("A")\nasap_accepted_issuers = { os.getenv("B") }\nasap_accepted_audiences = x\n'
    found = authentication([f'authentication = "token"\n{text}'], "meet.example.org")
    assert (found.app_id, found.issuers, found.audiences) == (None, None, None)
