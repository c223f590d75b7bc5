# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outside hosts as rows of the check."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import privacy


def named(host, link=False, key="config.a"):
    return {"host": host, "file": "config.js", "key": key, "link": link}


def judged(hosts=(), problems=(), strict=True, wanted=()):
    return privacy.judge("meet", {"hosts": hosts, "problems": problems, "strict": strict, "wanted": wanted})


def verdicts(*words, **more):
    return [(row.ok, row.found) for row in judged(*words, **more)]


def test_nobody_outside_is_right():
    assert verdicts() == [(True, "no outside host")]


def test_each_setting_is_one_row_with_its_hosts():
    rows = verdicts([named("a.example"), named("b.example"), named("a.example"), named("c.example", key="config.c")])
    assert rows == [(False, "a.example, b.example: config.a in config.js"), (False, "c.example: config.c in config.js")]


def test_wanted_host_of_a_setting_does_not_cover_another():
    rows = verdicts([named("a.example"), named("b.example")], wanted=["a.example"])
    assert rows == [(True, "a.example: config.a in config.js"), (False, "b.example: config.a in config.js")]


def test_wanted_hosts_and_links_and_stock_sites_are_not_wrong():
    assert verdicts([named("a.example")], wanted=["A.example"])[0][0] is True
    assert verdicts([named("a.example")], strict=False)[0][0] is True
    assert verdicts([named("a.example", link=True)]) == [(True, "no outside host"), (True, "a.example")]


def test_files_that_cannot_be_judged_are_named():
    assert verdicts(problems=["x cannot be judged"])[-1] == (True, "not judged: x cannot be judged")


def test_expectation_says_why_a_host_is_not_wrong():
    assert judged([named("a.example")], wanted=["a.example"])[0].expected == "no outside host except a.example"
    assert judged([named("a.example")], strict=False)[0].expected == "any host, because jitsi_meet_privacy is stock"
    assert judged([named("a.example")])[0].expected == "no outside host"


def test_wrong_rows_say_what_to_do():
    (row,) = judged([named("a.example")])
    assert row.name == "no outside host is contacted"
    assert "jitsi_meet_privacy" in row.remedy
