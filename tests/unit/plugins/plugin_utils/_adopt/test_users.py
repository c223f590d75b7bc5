# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who can open rooms."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("method", "value"), [("anonymous", None), ("", None), ("internal_plain", "internal"), ("token", "jwt")]
)
def test_authentication(article, method, value):
    article.site["authentication"] = method
    assert article.values().get("jitsi_meet_authentication") == value


def test_authentication_of_another_kind_is_kept_and_named(article):
    article.site["authentication"] = "cyrus"
    assert "jitsi_meet_authentication" not in article.values()
    assert any("'cyrus', which no variable names" in said for said in article.said())


def test_guests_of_another_name_are_named(article):
    article.site.update(authentication="internal_plain", guests=["guest.meet.test", "g.meet.test", "other.test"])
    (said,) = (each for each in article.said() if "guests" in each)
    assert said == "prosody has guests under the name g.meet.test, and the role calls it guest.meet.test"


def test_secret_of_tokens_is_left_to_the_user(article):
    article.site.update(authentication="token", app_id="mine", issuers=["a"])
    values = article.values()
    assert (values["jitsi_meet_jwt_app_id"], values["jitsi_meet_jwt_issuers"]) == ("mine", ["a"])
    assert values["jitsi_meet_jwt_package"] == ""
    assert article.open() == {"jitsi_meet_jwt_app_secret"}
    article.jitsi["packages"]["jitsi-meet-tokens"] = "1.0"
    assert "jitsi_meet_jwt_package" not in article.values()


def test_computed_authentication_is_named(article):
    article.site["authentication"] = None
    assert "jitsi_meet_authentication" not in article.values()
    assert any("prosody computes how it knows the users of meet.test" in said for said in article.said())


@pytest.mark.parametrize(
    ("found", "said"), [("", "files have no app_id"), (None, "is not one that"), ("my app", "is not one that")]
)
def test_application_that_the_preflight_refuses_is_left_to_the_user(article, found, said):
    article.site.update(authentication="token", app_id=found)
    assert "jitsi_meet_jwt_app_id" not in article.values()
    assert "jitsi_meet_jwt_app_id" in article.open()
    (remark,) = (each for each in article.adopted().remarks if each.variable == "jitsi_meet_jwt_app_id")
    assert (said in remark.what, remark.when) == (True, "before")


@pytest.mark.parametrize("found", [None, ["a b"]])
def test_issuers_that_cannot_be_told_are_named(article, found):
    article.site.update(authentication="token", app_id="mine", issuers=found)
    assert "jitsi_meet_jwt_issuers" not in article.values()
    assert any("asap_accepted_issuers" in said for said in article.said("jitsi_meet_jwt_issuers"))
