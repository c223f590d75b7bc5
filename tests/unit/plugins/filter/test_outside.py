"""Outside hosts as rows of a check."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.filter.outside import outside_host_rows


def named(host, link=False):
    return {"host": host, "file": "config.js", "key": "config.a", "link": link}


def verdicts(hosts=(), problems=(), **more):
    return [(row["ok"], row["found"]) for row in outside_host_rows({"hosts": hosts, "problems": problems}, **more)]


def test_nobody_outside_is_right():
    assert verdicts() == [(True, "no outside host")]


def test_each_host_is_one_row_with_its_places():
    rows = verdicts([named("a.example"), named("b.example"), named("a.example")])
    assert rows == [(False, "a.example: config.a in config.js"), (False, "b.example: config.a in config.js")]


def test_wanted_hosts_and_links_and_stock_sites_are_not_wrong():
    assert verdicts([named("a.example")], wanted=["A.example"])[0][0] is True
    assert verdicts([named("a.example")], strict=False)[0][0] is True
    assert verdicts([named("a.example", link=True)]) == [(True, "no outside host"), (True, "a.example")]


def test_files_that_cannot_be_judged_are_named():
    assert verdicts(problems=["x cannot be judged"])[-1] == (True, "not judged: x cannot be judged")


def test_wrong_rows_say_what_to_do():
    (row,) = outside_host_rows({"hosts": [named("a.example")], "problems": []})
    assert "jitsi_meet_privacy" in row["remedy"]


def test_other_input_is_refused():
    with pytest.raises(AnsibleFilterError, match="register its task"):
        outside_host_rows([])
