# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jicofo's and the bridge's logins are found in what each release reads."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.accounts import Account, Work
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.service_accounts import (
    BRIDGE,
    JICOFO,
    Login,
    Texts,
    accounts_for,
    findings,
    logins_in,
)

DOMAIN = "auth.jitsi.test"
JICOFO_CONF = 'jicofo { xmpp: { client: { domain: "auth.jitsi.test", username: "focus", password: "f" } } }'
OF_2020 = (
    "JICOFO_HOST=localhost\nJICOFO_AUTH_DOMAIN=auth.jitsi.test\nJICOFO_AUTH_USER=focus\nJICOFO_AUTH_PASSWORD='o l'\n"
)
JVB_CONF = """videobridge.apis.xmpp-client.configs.shard {
  HOSTNAME = localhost, DOMAIN = "auth.jitsi.test", USERNAME = jvb, PASSWORD = "j"
  MUC_JIDS = "a@internal.auth.jitsi.test", MUC_NICKNAME = b
}"""
PROPERTIES = "".join(
    f"org.jitsi.videobridge.xmpp.user.shard.{key}={value}\n"
    for key, value in (
        ("HOSTNAME", "localhost"),
        ("DOMAIN", "auth.jitsi.test"),
        ("USERNAME", "JVB"),
        ("PASSWORD", "p"),
        ("MUC_JIDS", "a@internal.auth.jitsi.test"),
        ("MUC_NICKNAME", "b"),
    )
)
OF_JICOFO, OF_BRIDGE = Login(JICOFO, "focus", "f"), Login(BRIDGE, "jvb", "j")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (Texts(JICOFO_CONF, "", "", JVB_CONF), [OF_JICOFO, OF_BRIDGE]),
        (Texts("", OF_2020, PROPERTIES, ""), [Login(JICOFO, "focus", "o l"), Login(BRIDGE, "jvb", "p")]),
        # What is left of older packages is not read any more.
        (Texts(JICOFO_CONF, OF_2020, "", ""), [OF_JICOFO]),
        (
            Texts('jicofo.xmpp.client { domain: "AUTH.jitsi.test", password: 12 }', "", "", ""),
            [Login(JICOFO, "focus", "12")],
        ),
        # The services of another site, and files that their service could not read either.
        (Texts(JICOFO_CONF.replace("auth.", "auth.other."), "", "", JVB_CONF), [OF_BRIDGE]),
        (Texts("jicofo {", "JICOFO_AUTH_PASSWORD='", "a=\\u12", "videobridge {"), []),
        (Texts('jicofo.xmpp.client = 1, jicofo.other = "x"', "", "", ""), []),
        (Texts(), []),
    ],
)
def test_logins_are_found(texts, expected):
    assert logins_in(texts, DOMAIN) == expected


def test_login_shows_no_password():
    assert "secret" not in repr(Login(JICOFO, "focus", "secret"))


@pytest.mark.parametrize(
    ("prosody", "names"),
    [
        ("", ["focus", "jvb"]),
        ('storage = "internal"', ["focus", "jvb"]),
        ('Component "conference.jitsi.test" "muc"\n    storage = "memory"\n', ["focus", "jvb"]),
        ('-- storage = "sql"\nstorage = { archive = "sql"; }', ["focus", "jvb"]),
        ('storage = "sql"', ["jvb"]),
        ("default_storage='sql'", ["jvb"]),
        ('storage = {\n  accounts = "sql";\n}', ["jvb"]),
        ('storage = { ["accounts"] = "sql" }', ["jvb"]),
    ],
)
def test_account_that_prosody_keeps_elsewhere_is_left_alone(prosody, names):
    assert [one.name for one in accounts_for([OF_JICOFO, OF_BRIDGE], ["focus"], ["", prosody])] == names


def test_accounts_get_the_passwords_of_the_files():
    assert accounts_for([OF_JICOFO], [], []) == [Account("focus", "f")]


def test_findings_name_the_account_and_its_service():
    assert findings(Work(("focus",), ("jvb",), ()), [OF_JICOFO, OF_BRIDGE], DOMAIN) == [
        "prosody has no account focus@auth.jitsi.test, which jicofo uses",
        "the account jvb@auth.jitsi.test has another password than the files of jitsi-videobridge2",
    ]
