# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each part of a machine that a run would change has a row that says what differs."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.wanted import judge

CONF = {"before_header": "/etc/jitsi/videobridge/jvb.conf (content)", "after_header": ""}
PIN, PEM = "/etc/apache2/backends/a.test.pem", "-----BEGIN CERTIFICATE-----"
SITE = "/etc/apache2/sites-enabled/jitsi.test.conf"


def rows(results=None, **more):
    part = {"compared": True, "lacking": [], "incomplete": [], "results": results or {}, **more}
    return [(row.name, row.ok, row.found) for row in judge("meet", part)]


def test_machine_without_a_difference_has_one_row():
    assert rows() == [("meet is as the inventory wants it", True, "what the inventory says")]


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ({"compared": False}, "not judged: the role does not compare without health checks"),
        ({"reason": "no certificate"}, "not judged: no certificate"),
    ],
)
def test_machine_that_was_not_compared_is_not_blamed(part, found):
    assert rows(**part) == [("meet is as the inventory wants it", True, found)]


def test_packages_come_first_and_are_named_once():
    found = rows(lacking=["jicofo", "jicofo"], incomplete=["/etc/nginx/nginx.conf"], compared=False)
    assert found == [
        ("meet has its packages as wanted", False, "missing, unfinished, or another release: jicofo"),
        ("meet has /etc/nginx/nginx.conf as wanted", False, "missing or different"),
    ]


@pytest.mark.parametrize(
    ("name", "result", "row", "found"),
    [
        (
            "jvb.conf",
            {"changed": True, "diff": [{**CONF, "before": "port = 1\na = 2\n", "after": "port = 10000\na = 2\n"}]},
            "the bridge's jvb.conf",
            "missing in /etc/jitsi/videobridge/jvb.conf: port = 10000; "
            "not wanted in /etc/jitsi/videobridge/jvb.conf: port = 1",
        ),
        (
            "config.js",
            {"changed": True, "diff": [{"before_header": "c.js", "before": "a\n", "after": "a\nb\nc\nd\n\n"}]},
            "the clients' config.js",
            "missing in c.js: b, c and 1 more",
        ),
        (
            "sites",
            {"changed": True, "diff": [{"before_header": SITE, "before": "", "after": "<VirtualHost>"}]},
            "the sites of Apache",
            f"{SITE} is missing",
        ),
        (
            "sites",
            {"diff": [{"before_header": PIN, "before": f"{PEM}\nMIIa\n", "after": f"{PEM}\nMIIb\n"}]},
            "the sites of Apache",
            f"another certificate in {PIN}",
        ),
        ("holds", {"diff": [{"before": "held\n", "after": ""}]}, "the holds of its packages", "it is not wanted"),
        ("files", {"differing": ["/a", "/b", "/c"]}, "its files", "missing or different: /a, /b and 1 more"),
        (
            "files",
            {"differing": [], "found": {"jitsi": ["/x"]}},
            "its package sources",
            "the same repository is also in /x",
        ),
        ("limits", {"changed": True, "written": ["nginx"]}, "the limits of its services", "it differs"),
        ("/k.asc", {"right": False, "found": ["AB"], "expired": False}, "/k.asc", "another key than the allowed one"),
        ("/k.asc", {"right": True, "found": ["AB"], "expired": True}, "/k.asc", "a key has expired"),
        (
            "Java",
            {"exists": True, "trusted": False},
            "Java's trust in prosody",
            "Java does not trust the certificate of prosody",
        ),
        ("bridge", {"findings": ["two ports"]}, "the bridge's files", "two ports"),
    ],
)
def test_difference_is_told_in_words(name, result, row, found):
    assert rows({name: result}) == [(f"meet has {row} as wanted", False, found)]


def test_long_lines_are_cut():
    diff = [{"before_header": "f", "before": "a", "after": "a\n" + "x" * 200}]
    ((_name, _ok, found),) = rows({"properties": {"diff": diff}})
    assert found == f"missing in f: {'x' * 69}…"


def test_file_that_no_run_repairs_is_told_with_its_message():
    (row,) = judge(
        "meet", {"lacking": [], "incomplete": [], "results": {"jvb.conf": {"failed": True, "msg": "line 3"}}}
    )
    assert (row.found, "does not repair" in row.remedy) == ("line 3", True)


def test_service_that_is_older_than_its_files_has_a_row_of_its_own():
    stale = {"stale": ["prosody", "nginx"], "files": {"prosody": ["/a"]}}
    assert rows({"services": stale}) == [
        ("prosody on meet has read its files", False, "it is older than /a"),
        ("nginx on meet has read its files", False, "it is older than its files"),
    ]


def test_service_that_does_not_do_its_work_has_a_row_of_its_own():
    assert rows({"health": {"failed": True, "msg": "long", "missing": {"nginx": "nothing listens on 443"}}}) == [
        ("nginx on meet does its work", False, "nothing listens on 443")
    ]


def test_remedy_for_nginx_names_its_sites():
    (row,) = judge("meet", {"lacking": [], "incomplete": [], "results": {"health": {"missing": {"nginx": "no port"}}}})
    assert "/etc/nginx/sites-enabled on meet has" in row.remedy


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"differing": ["/a"]}, ["/a"]),
        ({"differing": ["/a", "/b"]}, ["/a", "its files"]),
        ({"differing": ["/a"], "found": {"jitsi": ["/x"]}}, ["/a", "its package sources"]),
        ({"differing": ["/b"], "found": {"jitsi": ["/x"]}}, ["/a", "its files", "its package sources"]),
    ],
)
def test_missing_file_is_named_once(files, named):
    part = {"compared": False, "lacking": [], "incomplete": ["/a"], "results": {"files": files}}
    assert [row.name for row in judge("meet", part)] == [f"meet has {name} as wanted" for name in named]


def test_two_parts_of_one_name_are_one_row_and_others_rows_are_not_repeated():
    changed = {"changed": True}
    found = rows(
        {"password in jvb.conf": changed, "password in properties": changed, "workers": changed, "machine": {}}
    )
    assert [name for name, _ok, _found in found] == ["meet has the bridge's password as wanted"]


def test_warning_is_told_instead_of_a_difference():
    (row,) = judge("meet", {"lacking": [], "incomplete": [], "results": {"sites": {"warnings": ["a vhost hides it"]}}})
    assert (row.found, row.remedy) == ("a vhost hides it", "Correct what it names")


def test_parts_that_only_a_run_compares_are_named():
    (row,) = judge("meet", {"compared": True, "lacking": [], "incomplete": [], "results": {}, "uncompared": ["a", "b"]})
    assert (row.ok, row.found) == (True, "what the inventory says, but for these, which only a run compares: a, b")


def test_source_of_somebody_else_stops_a_run_and_has_to_go_first():
    part = {"compared": False, "lacking": ["gpg"], "incomplete": [], "results": {}, "sources": ["/b.list", "/a.list"]}
    packages, sources = judge("meet", part)
    assert packages.remedy.startswith("Run selfhosted.jitsi.site")
    assert (sources.ok, sources.found) == (False, "the same repository is also in /a.list, /b.list")
    assert sources.remedy.startswith("Remove /a.list, /b.list on meet, and run selfhosted.jitsi.site")
    assert sources.remedy.endswith("In a file that has other repositories, remove only the lines of this one")
    assert rows(sources=[]) == rows()


def test_machine_without_a_trace_of_a_run_is_named_before_its_parts():
    assert [name for name, _ok, _found in rows(lacking=["gpg"], by_hand=True)] == [
        "meet was set up by selfhosted.jitsi.site",
        "meet has its packages as wanted",
    ]
    assert [name for name, _ok, _found in rows(lacking=["gpg"], by_hand=False)] == ["meet has its packages as wanted"]
    refused = {"sites": {"failed": True, "msg": "a.conf already uses one of these names"}}
    assert [name for name, _ok, _found in rows(refused, by_hand=True)] == ["meet has the sites of Apache as wanted"]
