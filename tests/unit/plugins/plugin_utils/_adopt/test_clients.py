# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the clients."""

from __future__ import annotations

import pytest

STUN, CLIENTS = "jitsi_meet_stun_servers", "jitsi_meet_config_js"


def change(key, value, plain=True, secret=False):
    return {"key": key, "value": value, "plain": plain, "secret": secret}


def test_stun_servers_of_the_package_are_nobodys_choice(article):
    assert STUN not in article.values()
    assert article.said(STUN) == [
        "/etc/jitsi/meet/meet.test-config.js names the STUN servers of the package, a.example:443"
    ]
    article.site["changes"] = [change("p2p.stunServers", None)]
    assert article.values()[STUN] == ["a.example:443"]
    assert article.said(STUN) == []


def test_other_servers_than_those_of_stun_are_named(article):
    article.site["stun"] = {"servers": ["a.example:1"], "others": 2}
    article.site["changes"] = [change("p2p.stunServers", None)]
    assert article.values()[STUN] == ["a.example:1"]
    assert any("has 2 servers that no URL of the kind" in said for said in article.said(STUN))


def test_changes_of_config_js_are_told_but_secrets_and_code(article):
    article.site["changes"] = [
        change("resolution", 480),
        change("dropbox.appKey", None, secret=True),
        change("a", None, plain=False),
        change("hosts.anonymousdomain", "guest.meet.test"),
    ]
    assert article.values()[CLIENTS] == [{"key": "resolution", "value": 480}]
    said = article.said(CLIENTS)
    assert any(each.endswith("sets dropbox.appKey to a value that may be secret") for each in said)
    assert any(each.endswith("sets a to a computed value, or to one that depends on a condition") for each in said)


def test_config_js_that_cannot_be_read_is_named(article):
    article.site["problem"] = "line 3: a comma is missing"
    said = "/etc/jitsi/meet/meet.test-config.js cannot be read (line 3: a comma is missing)"
    assert article.said(CLIENTS) == [said]


def test_without_the_file_of_the_package_changes_cannot_be_told(article):
    article.site["has_original"] = False
    assert any("changes by hand cannot be told" in said for said in article.said(CLIENTS))


@pytest.mark.parametrize(
    ("changes", "kept", "said"),
    [
        ([change("a", []), change("a.0", "c")], ["a"], "a.0 is inside a, and only one of them can be set"),
        ([change("a", float("inf"))], [], "the number is not finite"),
        ([change("a", 2**53), change("b", 1)], ["b"], "the integer is too large for JavaScript"),
        ([change("a.__proto__", 1)], [], "every JavaScript object already has __proto__"),
        ([change("a", {"__proto__": 1})], [], "__proto__ is not allowed as a name"),
    ],
)
def test_value_that_the_module_refuses_is_a_remark(article, changes, kept, said):
    article.site["changes"] = changes
    assert [each["key"] for each in article.values().get(CLIENTS, [])] == kept
    (remark,) = article.said(CLIENTS)
    assert said in remark


@pytest.mark.parametrize("key", ["p2p.stunServers", "p2p.stunServers.0.urls"])
def test_computed_stun_servers_are_to_be_named_first(article, key):
    article.site["changes"] = [change(key, None, plain=False)]
    assert STUN not in article.values()
    (remark,) = (each for each in article.adopted().remarks if each.variable in (STUN, CLIENTS))
    assert f"sets {key} to a computed value" in remark.what
    assert (remark.when, remark.remedy) == ("before", f"Set {STUN}, because the first run replaces the line")
